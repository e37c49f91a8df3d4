import type { Writable } from 'node:stream'

/** A stage of stopping, as the timeline shows it. */
export interface TimelineStage {
  readonly stage: string
  readonly inFlight: number
  readonly mostMs: number
}

const MEANINGS: Readonly<Record<string, string>> = {
  waiting: 'not ready; requests are accepted',
  announcing: 'requests are accepted; responses are the last ones of their connections',
  draining: 'no new connections',
  'cut-off': 'what is left is ended',
  closed: 'nothing is left'
}

/** Prints the stages of stopping as they come: a line each, with the milliseconds since the first one. */
export class Timeline {
  readonly #out: Writable
  readonly #clock: () => number
  #beganAt: number | null = null

  constructor(out: Writable, clock: () => number = () => performance.now()) {
    this.#out = out
    // Who reads it may be gone by then.
    out.on('error', () => {})
    this.#clock = clock
  }

  /** `who` begins a stage: `''` for the gateway, or a worker. */
  begins(who: string, { stage, inFlight, mostMs }: TimelineStage): void {
    const now = this.#clock()
    if (this.#beganAt === null) this.#out.write('stopping\n')
    this.#beganAt ??= now
    const ms = String(Math.round(now - this.#beganAt)).padStart(7)
    const most = mostMs > 0 ? `, for at most ${mostMs} ms` : ''
    const requests = `${inFlight} ${inFlight === 1 ? 'request' : 'requests'} under way`
    const what = `${MEANINGS[stage] ?? ''}${most}${stage === 'closed' ? '' : `; ${requests}`}`
    this.#out.write(`${ms} ms  ${who === '' ? '' : `${who}  `}${stage.padEnd(10)}  ${what}\n`)
  }

  /** Everything has ended. Prints nothing where nothing has begun. */
  over(code: number): void {
    if (this.#beganAt === null) return
    const ms = String(Math.round(this.#clock() - this.#beganAt)).padStart(7)
    this.#out.write(`${ms} ms  stopped, exit code ${code}\n`)
  }
}
