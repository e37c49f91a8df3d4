import type { Clock } from '../model/clock.js'
import type { Exchange } from '../model/exchange.js'
import { type PluginFault, toldError } from '../model/plugin-fault.js'

/** Where faults are written to: the app's log, or a request's. */
export interface FaultSink {
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** After a fault's first line, how long the same one is only counted, in milliseconds. */
const INTERVAL_MS = 60_000
/** Log lines for one culprit in that time, if its faults differ. */
const MOST_LINES = 10
/** Culprits that are tracked separately. */
const MOST_CULPRITS = 1_000

interface Culprit {
  since: number
  lines: number
  /** The fault that was last logged. */
  last: string
  untold: number
}

/**
 * Writes down what parts of the user's own do wrong, and in the detail of the request where they did it. A part that does
 * so with every request is written of at once, and then once a minute with how often it was.
 */
export class FaultLog {
  /** Default: none. Set by the core plugin. */
  sink: FaultSink | null = null
  readonly #clock: Clock
  readonly #culprits = new Map<string, Culprit>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Reports a fault. With an exchange, sets its detail unless there is one. */
  readonly report = (fault: PluginFault, exchange: Exchange | null = null): void => {
    if (exchange !== null && exchange.detail === '') exchange.detail = fault.detail
    this.write(fault.whose, fault.detail, fault.cause, this.sink, exchange)
  }

  /** The same for what does not stop anything, such as a look-up that failed. */
  warn(whose: string, did: string, cause: unknown): void {
    const { sink } = this
    this.write(whose, `${whose} ${did}`, cause, sink && { error: (fields, text) => sink.warn(fields, text) })
  }

  /** Writes a line, or counts. */
  write(
    whose: string,
    text: string,
    cause: unknown,
    sink: Pick<FaultSink, 'error'> | null,
    exchange: Exchange | null = null
  ): void {
    const now = this.#clock()
    const culprit = this.#culpritOf(whose, now)
    if (now - culprit.since >= INTERVAL_MS) {
      culprit.since = now
      culprit.lines = 0
    }
    if ((culprit.lines > 0 && culprit.last === text) || culprit.lines >= MOST_LINES) {
      culprit.untold++
      return
    }
    const { untold } = culprit
    culprit.last = text
    culprit.lines++
    culprit.untold = 0
    const fields = {
      ...(exchange === null ? {} : { request_id: exchange.id }),
      ...(untold === 0 ? {} : { more: untold })
    }
    // An error may be one that cannot be made text, and a logger the user's own.
    attempt(() => sink?.error({ err: cause, ...fields }, text)) ||
      attempt(() => sink?.error({ err: toldError(cause), ...fields }, text))
  }

  /** Logs how often it happened since the last line. */
  close(): void {
    for (const [whose, { untold, last }] of this.#culprits)
      if (untold > 0) this.sink?.warn({ more: untold, last }, `${whose} has gone on so`)
    this.#culprits.clear()
  }

  #culpritOf(whose: string, since: number): Culprit {
    const key = this.#culprits.size < MOST_CULPRITS || this.#culprits.has(whose) ? whose : 'others'
    let culprit = this.#culprits.get(key)
    if (culprit === undefined) {
      culprit = { since, lines: 0, last: '', untold: 0 }
      this.#culprits.set(key, culprit)
    }
    return culprit
  }
}

function attempt(write: () => void): boolean {
  try {
    write()
    return true
  } catch {
    return false
  }
}
