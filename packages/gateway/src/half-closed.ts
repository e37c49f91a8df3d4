import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** A connection, with Node's reference to the response it owes next. */
type Answering = Socket & { readonly _httpMessage?: ServerResponse | null }

/** How often a client that has closed its side is looked at. */
const LOOK_MS = 50
const EMPTY = Buffer.alloc(0)

/**
 * Detects a half-closed client connection: the client may still wait for its response, but has most likely left.
 * A write to a client that has left is answered by a reset, so before its response begins it is probed, less and less
 * often, with a `100 (Continue)`, which any client has to read past (RFC 9110, section 15.2). The reset shows at the next
 * look: the system fails a write, even one of no bytes. Where that cannot be sent,
 * in HTTP/1.0 or within a response, a client to which nothing is written for `patience`, in milliseconds, has left. `0`: it
 * always has.
 */
export function endHalfClosed(patience: () => number): (this: Socket) => void {
  return function onEnd(this: Answering) {
    if (this._httpMessage == null) return
    const patienceMs = patience()
    if (patienceMs === 0) this.destroy()
    else new HalfClosed(this, patienceMs).watch()
  }
}

class HalfClosed {
  readonly #socket: Answering
  readonly #patienceMs: number
  readonly #stepMs: number
  #written: number
  #silentMs = 0
  #looks = 0

  constructor(socket: Answering, patienceMs: number) {
    this.#socket = socket
    this.#patienceMs = patienceMs
    this.#stepMs = Math.min(LOOK_MS, patienceMs)
    this.#written = socket.bytesWritten
  }

  /** Looks from now on until the connection is gone. */
  watch(): void {
    const timer = setInterval(() => this.#look(), this.#stepMs)
    timer.unref()
    this.#socket.once('close', () => clearInterval(timer))
  }

  #look(): void {
    const socket = this.#socket
    if (socket.bytesWritten !== this.#written || socket.writableLength > 0) this.#silentMs = this.#looks = 0
    else if (canBeAsked(socket._httpMessage)) this.#ask(socket._httpMessage)
    else {
      this.#silentMs += this.#stepMs
      if (this.#silentMs >= this.#patienceMs) socket.destroy()
    }
    this.#written = socket.bytesWritten
  }

  // At the 2nd look, as most answers are quicker than that, the 4th, the 8th, …
  #ask(response: ServerResponse): void {
    const looks = ++this.#looks
    if (looks > 1 && (looks & (looks - 1)) === 0) response.writeContinue()
    else if (looks > 2) this.#socket.write(EMPTY)
  }
}

function canBeAsked(response: ServerResponse | null | undefined): response is ServerResponse {
  return response != null && !response.headersSent && response.req.httpVersionMinor > 0
}
