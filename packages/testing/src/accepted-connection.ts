import type { Socket } from 'node:net'
import { readChunked, readSized } from './body.js'
import { ByteReader, TruncatedError } from './byte-reader.js'
import { deferred } from './deferred.js'
import { RequestRecord, readRequestHead } from './request-record.js'
import { Responder } from './respond.js'
import { play, type Script } from './script.js'

/** What a connection needs of the upstream it belongs to. */
export interface ConnectionOwner {
  readonly keepBodies: boolean
  /** The number of the next request. */
  readonly nextNumber: number
  /** Records a request and gives the script that answers it. */
  seen(record: RequestRecord): Script
  /** Asked when bytes arrive on an idle connection that has served before: break it instead of reading them? */
  breaks(): 'close' | 'reset' | null
  problem(error: Error): void
}

/** One connection to a fake upstream. */
export class AcceptedConnection {
  /** 1 for the first one. */
  readonly number: number
  /** The socket; a `TLSSocket` where the upstream speaks TLS. */
  readonly socket: Socket
  /** Requests that have begun on it. */
  requests = 0
  /** Waiting for a request. */
  idle = true
  /** Resolves when the connection is closed, by whichever side. */
  readonly closed: Promise<void>
  readonly #owner: ConnectionOwner
  readonly #reader = new ByteReader()
  #current: { readonly record: RequestRecord; readonly responder: Responder } | null = null

  constructor(number: number, socket: Socket, owner: ConnectionOwner) {
    this.number = number
    this.socket = socket
    this.#owner = owner
    const { promise, resolve } = deferred()
    this.closed = promise
    socket.setNoDelay(true)
    // A reset by the client shows in `close` as well.
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#onGone()
      resolve()
    })
  }

  /** Closes it (FIN), here and now. */
  close(): void {
    this.socket.destroy()
  }

  /** Resets it (RST). */
  reset(): void {
    this.socket.resetAndDestroy()
  }

  /** Reads requests and answers them, one after the other, until the connection ends. */
  async serve(): Promise<void> {
    this.socket.on('data', this.#onData)
    this.socket.on('end', this.#onGone)
    try {
      while (await this.#reader.more()) if (!(await this.#exchange())) return
    } catch (error) {
      // A client that leaves in the middle of a head has sent no request.
      if (error instanceof TruncatedError) return
      this.#owner.problem(error as Error)
      this.socket.end(`HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n${(error as Error).message}\n`)
    }
  }

  async #exchange(): Promise<boolean> {
    this.idle = false
    const head = await readRequestHead(this.#reader)
    this.requests++
    const { keepBodies, nextNumber } = this.#owner
    const at = { number: nextNumber, connection: this.number }
    const record = new RequestRecord(head, at, this.socket, keepBodies)
    const responder = new Responder(record, this.socket, () => this.#release())
    this.#current = { record, responder }
    play(this.#owner.seen(record), record, responder).catch((error: Error) => {
      this.#owner.problem(error)
      responder.reset()
    })

    const add = (piece: Buffer): void => record.add(piece)
    let trailers: RequestRecord['trailers'] = []
    if (head.framing === 'chunked') trailers = await readChunked(this.#reader, add)
    else await readSized(this.#reader, head.length, add)
    record.finish(trailers)

    if ((await responder.ended) !== 'keep') return false
    this.#current = null
    this.idle = true
    return true
  }

  readonly #onData = (chunk: Buffer): void => {
    const breaks = this.idle && this.requests > 0 ? this.#owner.breaks() : null
    if (breaks === null) this.#reader.push(chunk)
    else this[breaks]()
  }

  readonly #onGone = (): void => {
    this.#reader.end()
    if (this.#current === null) return
    const { record, responder } = this.#current
    this.#current = null
    if (responder.over) record.breakOff()
    else record.abort(responder.headSent)
    responder.lost()
  }

  #release(): void {
    this.socket.pause()
    this.socket.off('data', this.#onData)
    this.socket.off('end', this.#onGone)
    const rest = this.#reader.rest()
    if (rest.length > 0) this.socket.unshift(rest)
  }
}
