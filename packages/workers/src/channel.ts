import type { Timers } from '@gatewright/core'
import { type Frame, frameOf, partsOf } from './frame.js'

/** What a channel sends through. */
export interface Port {
  /** Never throws; what cannot be sent is lost, as its receiver is. */
  send(message: object): void
}

/** A message: what it is about, and a text that may be long. */
export interface Message {
  readonly body: unknown
  readonly text: string
}

/** What is done with what the other side says. Neither may throw; what `asked` rejects with is told to who asked. */
export interface Listener {
  told(type: string, message: Message): void
  asked(type: string, message: Message): Promise<Partial<Message>>
}

/** The other side has refused: what it says about it. */
export class RefusedError extends Error {
  /** What kind of refusal it is; `''` for one without. */
  readonly kind: string

  constructor(message: string, kind: string) {
    super(message)
    this.kind = kind
  }
}

/** The other side has gone, or did not answer in time. */
export class SilentError extends Error {}

/** The longest text in one message, in characters. */
const LONGEST = 64 * 1024
/** The longest text in parts, in characters. */
const MOST_TEXT = 256 * 1024 * 1024

interface Asked {
  done(message: Message): void
  failed(error: Error): void
}

/** Questions and answers between the primary and a worker. Whatever arrives that is none of them is passed over. */
export class Channel {
  readonly #port: Port
  readonly #listener: Listener
  readonly #timers: Timers
  readonly #asked = new Map<number, Asked>()
  readonly #parts = new Map<number, string[]>()
  #length = 0
  #next = 1
  #closed = false

  constructor(port: Port, listener: Listener, timers: Timers) {
    this.#port = port
    this.#listener = listener
    this.#timers = timers
  }

  /** Says something that needs no answer. */
  tell(type: string, body: unknown = {}, text = ''): void {
    if (!this.#closed) this.#send('tell', this.#next++, type, body, text)
  }

  /** Rejects with a {@link RefusedError}, or a {@link SilentError} after `mostMs` and when the other side goes. */
  ask(type: string, mostMs: number, body: unknown = {}, text = ''): Promise<Message> {
    if (this.#closed) return Promise.reject(new SilentError('it has gone'))
    const id = this.#next++
    return new Promise((resolve, reject) => {
      const cancel = this.#timers.after(
        mostMs,
        () => asked.failed(new SilentError(`it did not answer within ${mostMs / 1_000} s`)),
        true
      )
      const over = (): void => {
        cancel()
        this.#asked.delete(id)
      }
      const asked: Asked = {
        done(message) {
          over()
          resolve(message)
        },
        failed(error) {
          over()
          reject(error)
        }
      }
      this.#asked.set(id, asked)
      this.#send('ask', id, type, body, text)
    })
  }

  /** A message has arrived. */
  received(message: unknown): void {
    const frame = frameOf(message)
    if (frame === null || this.#closed) return
    if (frame.gatewright === 'part') {
      this.#keep(frame)
      return
    }
    const whole = this.#whole(frame)
    if (whole === null) return
    const { id, type, gatewright } = frame
    if (gatewright === 'tell') this.#listener.told(type, whole)
    else if (gatewright === 'ask') void this.#answer(id, type, whole)
    else if (gatewright === 'answer') this.#asked.get(id)?.done(whole)
    else this.#asked.get(id)?.failed(new RefusedError(whole.text, type))
  }

  /** The other side has gone: nothing that it was asked is answered any more. */
  close(): void {
    this.#closed = true
    this.#parts.clear()
    for (const asked of [...this.#asked.values()]) asked.failed(new SilentError('it has gone'))
  }

  async #answer(id: number, type: string, message: Message): Promise<void> {
    try {
      const { body = {}, text = '' } = await this.#listener.asked(type, message)
      if (!this.#closed) this.#send('answer', id, type, body, text)
    } catch (error) {
      const { message: text = String(error), kind = '' } = error as Partial<RefusedError>
      if (!this.#closed) this.#send('refusal', id, kind, {}, text)
    }
  }

  #send(gatewright: Frame['gatewright'], id: number, type: string, body: unknown, text: string): void {
    if (text.length <= LONGEST) {
      this.#port.send({ gatewright, id, type, body, ...(text === '' ? {} : { text }) })
      return
    }
    // The ids of both sides' questions are apart, those of parts would not be.
    const bundle = this.#next++
    let parts = 0
    for (const part of partsOf(text, LONGEST)) {
      this.#port.send({ gatewright: 'part', id: bundle, type, body: null, text: part })
      parts++
    }
    this.#port.send({ gatewright, id, type, body: { bundle, body }, parts })
  }

  #keep({ id, text = '' }: Frame): void {
    this.#length += text.length
    // More than any side sends: what it belongs to is then lost, and who waits for it notices by the time.
    if (this.#length > MOST_TEXT) {
      this.#parts.clear()
      this.#length = 0
      return
    }
    const parts = this.#parts.get(id)
    if (parts === undefined) this.#parts.set(id, [text])
    else parts.push(text)
  }

  #whole({ body, text = '', parts }: Frame): Message | null {
    if (parts === undefined) return { body, text }
    const { bundle, body: own } = (body ?? {}) as { bundle?: number; body?: unknown }
    const kept = this.#parts.get(bundle ?? 0) ?? []
    this.#parts.delete(bundle ?? 0)
    const joined = kept.join('')
    this.#length -= joined.length
    return kept.length === parts ? { body: own, text: joined } : null
  }
}
