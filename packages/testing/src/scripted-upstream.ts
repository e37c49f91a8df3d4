import { Readable } from 'node:stream'
import {
  type Duration,
  durationMs,
  type Timers,
  type TransportConnection,
  type TransportHandler,
  type TransportRequest
} from '@gatewright/core'

/** How a scripted upstream breaks. */
export type ScriptedFault = 'refuse' | 'reset' | 'reset-mid-body' | 'black-hole'

/** What a scripted upstream answers. */
export interface ScriptedAnswer {
  /** From 200 to 599. Default 200. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Default empty. */
  readonly body?: string
}

/** A request as a scripted upstream saw it. */
export interface ScriptedRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  /** By lower-case name; of a field sent twice the last one. */
  readonly headers: Readonly<Record<string, string>>
  /** Complete once the request is; `''` for none. */
  readonly body: string
}

interface Step {
  readonly fault: ScriptedFault | null
  readonly answer: ScriptedAnswer
  readonly delayMs: number
}

const FINE: Step = { fault: null, answer: {}, delayMs: 0 }

/**
 * An upstream without a socket. What it is told is done request by request, in order; after that it answers 200 with
 * an empty body at once, or what `always` was given.
 */
export class ScriptedUpstream {
  /** What it has seen, in order. A refused connection sees nothing. */
  readonly seen: ScriptedRequest[] = []
  readonly #timers: Timers
  readonly #steps: Step[] = []
  #otherwise = FINE

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** The next `times` requests are answered 503, or with `answer`. */
  fails(times: number, answer: ScriptedAnswer = { status: 503 }): this {
    return this.#add(times, { ...FINE, answer })
  }

  /** The next `times` requests meet a fault. Default once. */
  breaks(fault: ScriptedFault, times = 1): this {
    return this.#add(times, { ...FINE, fault })
  }

  /** The next request is answered after this time: `'2s'`. Throws a RangeError for what is no duration. */
  thenSlow(delay: Duration, answer: ScriptedAnswer = {}): this {
    const delayMs = durationMs(delay)
    if (delayMs === undefined) throw new RangeError(`'${delay}' is not a duration`)
    return this.#add(1, { ...FINE, answer, delayMs })
  }

  /** The next request is answered so. */
  thenAnswers(status: number, answer: Omit<ScriptedAnswer, 'status'> = {}): this {
    return this.#add(1, { ...FINE, answer: { status, ...answer } })
  }

  /** What comes after everything else that was said: an answer, or a fault, for good. */
  always(what: ScriptedAnswer | ScriptedFault): this {
    this.#otherwise = typeof what === 'string' ? { ...FINE, fault: what } : { ...FINE, answer: what }
    return this
  }

  /** For the kit: a connection to this upstream. */
  connect(): TransportConnection {
    return {
      dispatch: (request, handler) => this.#serve(request, handler),
      destroy: async () => {}
    }
  }

  #add(times: number, step: Step): this {
    for (let n = 0; n < times; n++) this.#steps.push(step)
    return this
  }

  #serve(request: TransportRequest, handler: TransportHandler): void {
    const step = this.#steps.shift() ?? this.#otherwise
    if (step.fault === 'refuse') {
      this.#timers.after(0, () => handler.onError(failure('ECONNREFUSED')))
      return
    }
    let over = false
    let stop: () => void = () => {}
    handler.onConnect((error) => {
      if (over) return
      over = true
      stop()
      handler.onError(error ?? failure('UND_ERR_ABORTED'))
    })
    const record = { ...seenOf(request), body: '' }
    this.seen.push(record)
    readBody(request.body).then(
      (body) => {
        record.body = body
        if (over || step.fault === 'black-hole') return
        stop = this.#timers.after(step.delayMs, () => {
          if (step.fault === 'reset') fail()
          else answer()
        })
      },
      () => fail()
    )

    function fail(): void {
      if (over) return
      over = true
      handler.onError(failure('ECONNRESET'))
    }

    function answer(): void {
      const { status = 200, headers = {}, body = '' } = step.answer
      const cut = step.fault === 'reset-mid-body'
      const whole = Buffer.from(cut ? 'half of this' : body)
      const head = { ...headers, 'content-length': String(cut ? 2 * whole.length : whole.length) }
      const rest = cut ? fail : complete
      try {
        handler.onResponseStarted?.()
        if (!handler.onHeaders(status, rawHead(head), flow, '')) return
        flow()
      } catch (error) {
        over = true
        handler.onError(error as Error)
      }

      function flow(): void {
        if (over) return
        deliver(whole, rest)
      }
    }

    let sent = false
    function deliver(whole: Buffer, rest: () => void): void {
      const ready = sent || whole.length === 0 || handler.onData(whole)
      sent = true
      if (ready) rest()
    }

    function complete(): void {
      if (over) return
      over = true
      handler.onComplete(null)
    }
  }
}

function seenOf({ method, path, headers }: TransportRequest): Omit<ScriptedRequest, 'body'> {
  const fields: Record<string, string> = {}
  for (let index = 0; index + 1 < headers.length; index += 2)
    fields[(headers[index] as string).toLowerCase()] = headers[index + 1] as string
  return { method, path, headers: fields }
}

async function readBody(body: unknown): Promise<string> {
  if (body === null || body === undefined) return ''
  if (!(body instanceof Readable)) return String(body)
  const pieces: Buffer[] = []
  for await (const piece of body) pieces.push(Buffer.from(piece as Buffer))
  return Buffer.concat(pieces).toString()
}

function rawHead(headers: Readonly<Record<string, string>>): Buffer[] {
  return Object.entries(headers)
    .flat()
    .map((text) => Buffer.from(text, 'latin1'))
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code })
}
