import type { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { ResponseReceiver, UpstreamConnection, UpstreamRequest } from '@gatewright/core'
import type { Client, Dispatcher } from 'undici'
import type { Connect } from './connector.js'
import { isShortBody } from './failure.js'
import { readBeforeWritesFail } from './late-write-errors.js'
import { BadHeadError } from './response-headers.js'
import * as transport from './transport.js'
import { mendParser } from './upstream-parser.js'

const { write } = Writable.prototype
const EMPTY = Buffer.alloc(0)
const NO_TRAILERS: readonly Buffer[] = []

/**
 * HTTP/1.1 by undici: a client of one connection, and the handler of each of its requests, so that a request costs no
 * object more. Undici calls the methods whose names begin with `on`; what else is peculiar to it ends here, too.
 */
export class UndiciConnection implements UpstreamConnection, Dispatcher.DispatchHandler {
  readonly #client: Client
  #socket: Socket | null = null
  /** Where HTTP is spoken: the socket, or TLS on it. */
  #wire: Socket | null = null
  /** Of the present request, as what follows; `null` between two. */
  #receiver: ResponseReceiver | null = null
  #abort: ((error?: Error) => void) | null = null
  #resume: (() => void) | null = null
  #status = 0
  #untilClose = false
  /** Whether the upstream has closed its side of the connection: no more data will arrive. */
  #ended = false

  constructor(origin: string, settings: Client.Options, connect: Connect, lost: (error?: unknown) => void) {
    this.#client = new transport.Client(origin, {
      ...settings,
      pipelining: 1,
      // Every time limit is the forwarder's own.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (target, done) => {
        this.#socket = connect(target, (...result) => {
          const [, socket] = result
          if (socket !== null) this.#watch(socket)
          done(...result)
          if (socket !== null) mendParser(socket, (bytes) => this.#receiver?.passedOver(bytes))
        })
      }
    })
    this.#client.on('disconnect', (_origin, _targets, error) => lost(error))
  }

  begin({ method, path, headers, body, last }: UpstreamRequest, receiver: ResponseReceiver): void {
    this.#receiver = receiver
    this.#status = 0
    this.#untilClose = this.#ended = false
    this.#client.dispatch(
      {
        method: method as Dispatcher.HttpMethod,
        path,
        headers: headers as string[],
        body,
        blocking: false,
        // Left open, undici would close the connection after a HEAD.
        reset: last
      },
      this
    )
  }

  resume(): void {
    this.#resume?.()
  }

  abort(): void {
    this.#abort?.()
  }

  async destroy(): Promise<void> {
    const destroyed = this.#client.destroy()
    this.#socket?.destroy()
    await destroyed
  }

  onConnect(abort: (error?: Error) => void): void {
    this.#abort = abort
    this.#receiver?.sending()
  }

  onResponseStarted(): void {
    this.#receiver?.began()
  }

  onHeaders(status: number, fields: Buffer[], resume: () => void, statusText: string): boolean {
    const receiver = this.#receiver
    if (status >= 100 && status < 200) receiver?.interim(status, fields, statusText)
    else {
      this.#status = status
      this.#resume = resume
      this.#untilClose = receiver?.head(status, fields, statusText) === true
    }
    return true
  }

  // Undici's parser must not be paused when the socket ends, or an assertion ends the process.
  onData(chunk: Buffer): boolean {
    return this.#receiver?.data(chunk) !== false || this.#ended
  }

  onComplete(trailers: string[] | null): void {
    if (this.#untilClose && this.#ended) this.#endUnlessReset()
    else this.#end((trailers ?? NO_TRAILERS) as unknown as readonly Buffer[], true)
  }

  onError(error: Error): void {
    if (!isShortBody(error)) this.#fail(error)
    else if (this.#status === 304) this.#end(NO_TRAILERS, false)
    // Undici reports unparsable data as a short body too, if a length was declared.
    else this.#fail(this.#ended ? error : new BadHeadError(error.message, { cause: error }))
  }

  #fail(error: Error): void {
    this.#leave()?.failed(error)
  }

  #end(trailers: readonly Buffer[], reusable: boolean): void {
    try {
      this.#leave()?.end(trailers, reusable)
    } catch {
      // Nothing more can be said of a request that has ended, and undici would report it to the next one's receiver.
    }
  }

  // The receiver may begin the next request at once.
  #leave(): ResponseReceiver | null {
    const receiver = this.#receiver
    this.#receiver = this.#abort = this.#resume = null
    return receiver
  }

  // When the reset comes with the last bytes, the event loop reports an ordinary end. The system still knows: it fails
  // the next write, even one of no bytes. (`socket.write` itself is closed by now.)
  #endUnlessReset(): void {
    this.#abort = null
    const socket = this.#wire
    if (socket === null || socket instanceof TLSSocket) this.#end(NO_TRAILERS, false)
    else
      Reflect.apply(write, socket, [
        EMPTY,
        (error?: Error | null) => {
          if (error) this.#fail(error)
          else this.#end(NO_TRAILERS, false)
        }
      ])
  }

  // A reset is to undici the regular end of a response with `connection: close`. These listeners come before its own.
  #watch(socket: Socket): void {
    this.#wire = socket
    readBeforeWritesFail(socket)
    socket.on('end', () => {
      this.#ended = true
      this.#resume?.()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') error.code = 'EPIPE'
    })
  }
}
