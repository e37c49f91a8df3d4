import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Writable } from 'node:stream'
import { type ConnectionOptions, connect as connectTls, TLSSocket } from 'node:tls'
import { ByteReader, TruncatedError } from './byte-reader.js'
import { type Deferred, deferred } from './deferred.js'
import { type RawHead, RawResponse, readResponseBody, readResponseHead } from './raw-response.js'
import { atEnd, type TestScope } from './test-scope.js'
import { otherEndReads } from './turns.js'

/** Options of {@link rawClient}. */
export interface RawClientOptions {
  /** Destroys the socket when this test ends. */
  readonly t?: TestScope
  /** TLS options; an `https:` URL alone connects with TLS too. */
  readonly tls?: ConnectionOptions
  /** Send every byte on its own. Default false. */
  readonly byteByByte?: boolean
}

/** How a connection ended: closed by either side, or reset. */
export type ClosedBy = 'end' | 'reset'

interface Beginning {
  readonly head: RawHead
  readonly interim: readonly RawHead[]
  /** Where its first byte stands among all that were received. */
  readonly from: number
}

/** A TCP or TLS connection that sends exactly the given bytes; made by {@link rawClient}. */
export class RawClient {
  readonly socket: Socket
  readonly #byteByByte: boolean
  readonly #reader = new ByteReader()
  readonly #received: Buffer[] = []
  readonly #closed = deferred<ClosedBy>()
  #arrival: Deferred<void> = deferred()
  #ended = false
  #begun: Beginning | null = null

  /** Takes a connected socket; use {@link rawClient}. */
  constructor(socket: Socket, byteByByte: boolean) {
    this.socket = socket
    this.#byteByByte = byteByByte
    let by: ClosedBy = 'end'
    socket.setNoDelay(true)
    socket.on('data', (chunk) => {
      this.#received.push(chunk)
      this.#reader.push(chunk)
      this.#wake()
    })
    socket.on('error', () => {
      by = 'reset'
    })
    const ended = (): void => {
      this.#ended = true
      this.#reader.end()
      this.#wake()
    }
    socket.on('end', () => {
      ended()
      failWhereReset(socket)
    })
    socket.on('close', () => {
      ended()
      this.#closed.resolve(by)
    })
  }

  /** Resolves when the connection is closed. */
  get closed(): Promise<ClosedBy> {
    return this.#closed.promise
  }

  /** Everything that has come so far. */
  get received(): Buffer {
    return Buffer.concat(this.#received)
  }

  /** Sends these bytes and no others; text as Latin-1. Resolves when they are out, or the connection is gone. */
  async write(bytes: string | Buffer): Promise<void> {
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
    if (!this.#byteByByte) return this.#send(buffer)
    for (let i = 0; i < buffer.length; i++) {
      await this.#send(buffer.subarray(i, i + 1))
      await otherEndReads()
    }
  }

  /**
   * Reads exactly one response. `to` is the method of its request, which decides whether a body follows.
   * Rejects when the connection ends before the head is whole, and when the response breaks HTTP's grammar.
   */
  async response({ to = 'GET' }: { readonly to?: string } = {}): Promise<RawResponse> {
    const { head, interim, from } = await this.#beginning()
    this.#begun = null
    const body = await readResponseBody(this.#reader, head, to)
    return new RawResponse(head, interim, body, this.received.subarray(from, this.#reader.offset))
  }

  /** Reads the head of the next response and leaves its body to {@link response}. Rejects as that does. */
  async head(): Promise<RawHead> {
    return (await this.#beginning()).head
  }

  /** Resolves when this text is among all the bytes that have come; rejects when the connection ends before. */
  async until(text: string): Promise<void> {
    while (!this.received.includes(text)) {
      if (this.#ended) throw new TruncatedError()
      await this.#arrival.promise
    }
  }

  /** Closes the sending side (FIN) and goes on reading. */
  end(): void {
    this.socket.end()
  }

  /** Closes both sides. */
  close(): void {
    this.socket.destroy()
  }

  /** Resets the connection (RST). */
  reset(): void {
    this.socket.resetAndDestroy()
  }

  /** Stops reading, so that the other side's buffers fill up. */
  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  async #beginning(): Promise<Beginning> {
    if (this.#begun !== null) return this.#begun
    const from = this.#reader.offset
    const interim: RawHead[] = []
    let head = await readResponseHead(this.#reader)
    for (; head.status < 200 && head.status !== 101; head = await readResponseHead(this.#reader))
      interim.push(head)
    this.#begun = { head, interim, from }
    return this.#begun
  }

  #send(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => this.socket.write(bytes, () => resolve()))
  }

  #wake(): void {
    const { resolve } = this.#arrival
    this.#arrival = deferred()
    resolve()
  }
}

// A reset that arrives together with the last bytes is reported as an ordinary end. The system still knows: it fails the next
// write, even one of no bytes. (`socket.write` itself is closed by now.)
function failWhereReset(socket: Socket): void {
  if (socket.writableEnded || socket instanceof TLSSocket) return
  Reflect.apply(Writable.prototype.write, socket, [Buffer.alloc(0)])
}

/** Connects to a loopback port or to the host of a URL, whose path is ignored. */
export async function rawClient(
  target: number | string,
  { t, tls, byteByByte = false }: RawClientOptions = {}
): Promise<RawClient> {
  const url = new URL(typeof target === 'number' ? `http://127.0.0.1:${target}` : target)
  const secure = tls !== undefined || url.protocol === 'https:'
  const to = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || (secure ? 443 : 80)) }
  const socket = secure ? connectTls({ ...to, ...tls }) : connect(to)
  if (t !== undefined) atEnd(t, () => socket.destroy())
  await once(socket, secure ? 'secureConnect' : 'connect')
  return new RawClient(socket, byteByByte)
}

/** Sends a request on a connection of its own and reads one response. See {@link crlf} for writing the text. */
export async function rawRequest(
  target: number | string,
  text: string | Buffer,
  options: RawClientOptions = {}
): Promise<RawResponse> {
  const client = await rawClient(target, options)
  const [method = ''] = String(text).split(' ', 1)
  try {
    void client.write(text)
    return await client.response({ to: method })
  } finally {
    client.close()
  }
}
