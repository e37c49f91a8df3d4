import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { AcceptedConnection } from './accepted-connection.js'
import { Arrivals } from './arrivals.js'
import { deferred } from './deferred.js'
import type { Held, Script } from './script.js'
import type { SeenRequest } from './seen-request.js'
import { atEnd, type TestScope } from './test-scope.js'
import { otherEndReads } from './turns.js'

/** How a new connection is met: `silence` accepts it and never says anything. */
export type Welcome = 'serve' | 'close' | 'reset' | 'silence'

/** Options of {@link fakeUpstream}. */
export interface FakeUpstreamOptions {
  /** Speak TLS; `requestCert` and `ca` ask for client certificates. See {@link testCertificates}. */
  readonly tls?: TlsOptions
  /** Default: a free one. Give the port of a closed upstream to bring it back. */
  readonly port?: number
  /** The loopback address to listen on. Default `127.0.0.1`. */
  readonly address?: '127.0.0.1' | '::1'
  /** Whether `request.body` keeps what arrives. `false` for bodies larger than memory. Default true. */
  readonly keepBodies?: boolean
}

const OK: Script = { headers: { 'content-type': 'text/plain' }, body: 'ok' }

/** A real upstream under the control of a test; made by {@link fakeUpstream}. */
export class FakeUpstream {
  /** How connections accepted from now on are met. Default `serve`. */
  welcome: Welcome = 'serve'
  /** Where it listens. */
  readonly port: number
  /** `127.0.0.1:41234`, as it stands in `Host`. */
  readonly host: string
  /** `http://127.0.0.1:41234`, or with `https`; without a trailing slash. */
  readonly url: `http://${string}` | `https://${string}`
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #requests = new Arrivals<SeenRequest>()
  readonly #connections = new Arrivals<AcceptedConnection>()
  readonly #queue: Script[] = []
  readonly #keepBodies: boolean
  #script: Script
  #problems: Error[] = []
  #breaks: { left: number; by: 'close' | 'reset' } = { left: 0, by: 'close' }

  /** Takes a listening server; use {@link fakeUpstream}. */
  constructor(server: Server, script: Script, { tls, keepBodies = true }: FakeUpstreamOptions) {
    this.#server = server
    this.#script = script
    this.#keepBodies = keepBodies
    const { address, family, port } = server.address() as AddressInfo
    this.port = port
    this.host = `${family === 'IPv6' ? `[${address}]` : address}:${port}`
    this.url = `${tls === undefined ? 'http' : 'https'}://${this.host}`
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => this.#accept(socket))
  }

  /** Every request whose head has arrived, in order. */
  get requests(): readonly SeenRequest[] {
    return this.#requests.all
  }

  /** Every connection that was accepted (with TLS: whose handshake succeeded), in order. */
  get connections(): readonly AcceptedConnection[] {
    return this.#connections.all
  }

  /** The `n`th request from 1, as soon as its head has arrived. */
  request(n: number): Promise<SeenRequest> {
    return this.#requests.nth(n)
  }

  /** The `n`th connection from 1, as soon as it is accepted. */
  connection(n: number): Promise<AcceptedConnection> {
    return this.#connections.nth(n)
  }

  /** Resolves when the `n`th connection from 1 is closed, by whichever side. */
  async connectionClosed(n: number): Promise<void> {
    const connection = await this.connection(n)
    await connection.closed
  }

  /** Answers so from now on, once the queue of {@link next} is used up. */
  answers(script: Script): this {
    this.#script = script
    return this
  }

  /** Answers the coming requests so, one script each, first come, first served. */
  next(...scripts: Script[]): this {
    this.#queue.push(...scripts)
    return this
  }

  /** Leaves the next request of the queue to the test: resolves when its head has arrived. */
  hold(): Promise<Held> {
    const { promise, resolve } = deferred<Held>()
    this.next((request, respond) => resolve({ request, respond }))
    return promise
  }

  /**
   * Breaks a kept-alive connection at the first byte of its next request, unread: the race between reuse and
   * idle timeout. Does so `times` times.
   */
  breakReused(times: number, by: 'close' | 'reset' = 'close'): this {
    this.#breaks = { left: times, by }
    return this
  }

  /** How often {@link breakReused} has still to happen. */
  get breaksLeft(): number {
    return this.#breaks.left
  }

  /** Closes every connection that waits for a request. */
  closeIdle(): void {
    for (const connection of this.connections) if (connection.idle) connection.close()
  }

  /**
   * Requests that break HTTP's grammar, and errors that scripts threw. They fail the test at its end, unless
   * they have been taken.
   */
  takeProblems(): Error[] {
    const problems = this.#problems
    this.#problems = []
    return problems
  }

  /** Stops listening and closes every connection. */
  async close(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #accept(socket: Socket): void {
    const owner = this
    const connection = new AcceptedConnection(this.connections.length + 1, socket, {
      keepBodies: this.#keepBodies,
      get nextNumber() {
        return owner.requests.length + 1
      },
      seen(record) {
        const script = owner.#queue.shift() ?? owner.#script
        owner.#requests.add(record)
        return script
      },
      breaks() {
        if (owner.#breaks.left === 0) return null
        owner.#breaks.left--
        return owner.#breaks.by
      },
      problem: (error) => owner.#problems.push(error)
    })
    this.#connections.add(connection)
    const { welcome } = this
    if (welcome === 'serve') void connection.serve()
    // Sooner, and the client would not even see the connection made.
    else if (welcome !== 'silence') void otherEndReads().then(() => connection[welcome]())
  }
}

/**
 * A real HTTP/1.1 server on a free loopback port, made of nothing but a socket: it sees every byte and can
 * send any. It ends with the test `t`; without one (`null`), by `close()`. Without a script it answers 200 `ok`.
 */
export async function fakeUpstream(
  t: TestScope | null,
  script: Script = OK,
  options: FakeUpstreamOptions = {}
): Promise<FakeUpstream> {
  const server: Server = options.tls === undefined ? createServer() : createTlsServer(options.tls)
  server.listen(options.port ?? 0, options.address ?? '127.0.0.1')
  await once(server, 'listening')
  const upstream = new FakeUpstream(server, script, options)
  if (t !== null)
    atEnd(t, async () => {
      await upstream.close()
      const [problem] = upstream.takeProblems()
      if (problem !== undefined) throw problem
    })
  return upstream
}
