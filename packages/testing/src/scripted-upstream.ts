import { type Duration, durationMs, type Timers, type UpstreamConnection } from '@gatewright/core'
import {
  ScriptedConnection,
  type ScriptedFault,
  type ScriptedRequest,
  type ScriptedResponse,
  type ScriptedStep
} from './scripted-connection.js'

const FINE: ScriptedStep = { fault: null, answer: {}, delayMs: 0 }

/**
 * An upstream without a socket. It plays its script request by request, in order; after that it answers 200 with
 * an empty body at once, or what `always` was given.
 */
export class ScriptedUpstream {
  /** The requests it has received, in order. A refused connection receives none. */
  readonly seen: ScriptedRequest[] = []
  readonly #timers: Timers
  readonly #steps: ScriptedStep[] = []
  #otherwise = FINE

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** The next `times` requests are answered 503, or with `answer`. */
  fails(times: number, answer: ScriptedResponse = { status: 503 }): this {
    return this.#add(times, { ...FINE, answer })
  }

  /** The next `times` requests meet a fault. Default once. */
  breaks(fault: ScriptedFault, times = 1): this {
    return this.#add(times, { ...FINE, fault })
  }

  /** The next request is answered after this time: `'2s'`. Throws a RangeError for an invalid duration. */
  thenSlow(delay: Duration, answer: ScriptedResponse = {}): this {
    const delayMs = durationMs(delay)
    if (delayMs === undefined) throw new RangeError(`'${delay}' is not a duration`)
    return this.#add(1, { ...FINE, answer, delayMs })
  }

  /** The next request is answered so. */
  thenAnswers(status: number, answer: Omit<ScriptedResponse, 'status'> = {}): this {
    return this.#add(1, { ...FINE, answer: { status, ...answer } })
  }

  /** What comes after everything else that was said: a response, or a fault, for good. */
  always(what: ScriptedResponse | ScriptedFault): this {
    this.#otherwise = typeof what === 'string' ? { ...FINE, fault: what } : { ...FINE, answer: what }
    return this
  }

  /** For the kit: a connection to this upstream. */
  connect(): UpstreamConnection {
    return new ScriptedConnection(this.#timers, {
      next: () => this.#steps.shift() ?? this.#otherwise,
      saw: (request) => void this.seen.push(request)
    })
  }

  #add(times: number, step: ScriptedStep): this {
    for (let n = 0; n < times; n++) this.#steps.push(step)
    return this
  }
}
