import { once } from 'node:events'
import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { framed, MessageReader } from '../grpc/frames.js'
import { GrpcError, STATUS } from '../grpc/status.js'
import type { FilterHandlers } from './handlers.js'
import { type Method, methodsOf } from './methods.js'

/** Where a filter service listens. */
export interface FilterServerOptions {
  /** Default: a free one. */
  readonly port?: number
  /** Default `127.0.0.1`. */
  readonly host?: string
  /** Calls of one connection at a time. Default 100. */
  readonly maxConcurrentStreams?: number
}

const MOST_BYTES = 4 * 1024 ** 2

/** A filter service that listens; made by {@link serveFilters}. */
export class FilterServer {
  readonly #server: Http2Server
  readonly #sessions = new Set<ServerHttp2Session>()

  /** Takes a listening server; use {@link serveFilters}. */
  constructor(server: Http2Server, methods: ReadonlyMap<string, Method>) {
    this.#server = server
    server.on('session', (session) => {
      this.#sessions.add(session)
      session.on('error', ignore).once('close', () => this.#sessions.delete(session))
    })
    server.on('stream', (stream, { ':path': path = '' }) => answer(stream, methods.get(path)))
  }

  /** `http://127.0.0.1:41234`: the `target` of filters. */
  get url(): string {
    const { address, port, family } = this.#server.address() as AddressInfo
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  }

  /** How many connections there are. */
  get connections(): number {
    return this.#sessions.size
  }

  /** Says goodbye on every connection (GOAWAY): calls under way are answered, others come on a new one. */
  goAway(): void {
    for (const session of this.#sessions) session.close()
  }

  /** Stops listening and ends every connection. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const session of this.#sessions) session.destroy()
    await closed
  }
}

/**
 * A filter service over gRPC without TLS, for programs and tests: it answers what there are handlers for, Envoy's `Check` and
 * `gatewright.filter.v1`.
 *
 * @example
 * const server = await serveFilters(
 *   { check: ({ attributes }) => (attributes.request.http.headers['x-key'] === 'k' ? {} : { answer: { status: 401 } }) },
 *   { port: 9191 }
 * )
 */
export async function serveFilters(
  handlers: FilterHandlers,
  { port = 0, host = '127.0.0.1', maxConcurrentStreams = 100 }: FilterServerOptions = {}
): Promise<FilterServer> {
  const server = createServer({ settings: { maxConcurrentStreams } })
  const made = new FilterServer(server, methodsOf(handlers))
  server.listen(port, host)
  await once(server, 'listening')
  return made
}

function answer(stream: ServerHttp2Stream, method: Method | undefined): void {
  stream.on('error', ignore)
  if (method === undefined) {
    end(stream, new GrpcError(STATUS.unimplemented, 'there is no such method'))
    return
  }
  const reader = new MessageReader(MOST_BYTES)
  stream.on('data', (chunk: Buffer) => {
    try {
      reader.push(chunk)
    } catch (error) {
      end(stream, error)
    }
  })
  stream.on('end', () => {
    Promise.resolve()
      .then(() => method(reader.end() ?? Buffer.alloc(0)))
      .then(
        (message) => reply(stream, message),
        (error) => end(stream, error)
      )
  })
}

function reply(stream: ServerHttp2Stream, message: Buffer): void {
  if (stream.destroyed || stream.headersSent) return
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.end(framed(message))
}

function end(stream: ServerHttp2Stream, error: unknown): void {
  if (stream.destroyed || stream.headersSent) return
  const status = error instanceof GrpcError ? error.status : STATUS.unknown
  const told = encodeURIComponent(error instanceof Error ? error.message : 'the filter failed')
  const fields = { 'grpc-status': String(status), 'grpc-message': told }
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...fields }, { endStream: true })
}

function ignore(): void {}
