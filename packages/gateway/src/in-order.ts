import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

type Handle = (request: IncomingMessage, response: ServerResponse) => void

/** While more than so many of a connection wait, nothing is read from it. */
const MANY = 16
/** One read may bring so many requests that wait; the response to the last one closes the connection. */
const MOST = 1_000

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])
const kLine = Symbol('gatewright.line')

type Answering = Socket & { [kLine]?: Line; readonly _httpMessage?: ServerResponse | null }

/**
 * Makes a server handle the requests of a connection in the order in which they came, `most` at a time: those that a
 * client pipelines wait until it is their turn to be answered. Beyond 1, only safe ones run beside each other (RFC 9112,
 * section 9.3.2). A connection keeps the `most` of its first request that waited. Takes the place of the listeners that the
 * server has.
 */
export function handleInOrder(server: Server, most: () => number): void {
  const listeners = server.listeners('request') as Handle[]
  server.removeAllListeners('request')
  const handle: Handle = (request, response) => {
    for (const listener of listeners) listener.call(server, request, response)
  }
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    // Node gives a response its socket when those before it are done.
    if (response.socket !== null) {
      handle(request, response)
      return
    }
    const socket = request.socket as Answering
    socket[kLine] ??= new Line(socket, handle, most() - 1)
    socket[kLine].join(response)
  })
}

/** The requests of one connection that have come before their turn. */
class Line {
  readonly #socket: Answering
  readonly #handle: Handle
  readonly #mostAhead: number
  readonly #waiting: ServerResponse[] = []
  /** How many run before it is their turn. */
  #ahead = 0
  #closed = false

  constructor(socket: Answering, handle: Handle, mostAhead: number) {
    this.#socket = socket
    this.#handle = handle
    this.#mostAhead = mostAhead
    socket.on('resume', () => this.#pauseWhenMany())
  }

  join(response: ServerResponse): void {
    if (this.#closed) return
    if (this.#waiting.push(response) >= MOST) {
      this.#closed = true
      response.shouldKeepAlive = false
    }
    this.#runAhead()
    this.#pauseWhenMany()
    response.once('socket', () => this.#turn(response))
  }

  #turn(response: ServerResponse): void {
    if (this.#waiting[0] !== response) this.#ahead--
    else {
      this.#waiting.shift()
      // Not before Node is done with giving it its socket.
      process.nextTick(this.#handle, response.req, response)
    }
    this.#runAhead()
    if (this.#waiting.length <= MANY) this.#socket.resume()
  }

  #runAhead(): void {
    while (this.#ahead < this.#mostAhead && this.#waiting.length > 0) {
      const response = this.#waiting[0] as ServerResponse
      const { method, headers } = response.req
      if (!SAFE.has(method as string) || !SAFE.has(this.#current)) return
      // A `100 (Continue)` before its turn would be kept, and then stand behind the head of the response.
      if (headers.expect !== undefined) return
      this.#waiting.shift()
      this.#ahead++
      this.#handle(response.req, response)
    }
  }

  get #current(): string {
    return this.#socket._httpMessage?.req.method ?? ''
  }

  #pauseWhenMany(): void {
    if (this.#waiting.length > MANY) this.#socket.pause()
  }
}
