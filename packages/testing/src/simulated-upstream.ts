import type { AttemptRecord, Chance, Endpoint, Reason } from '@gatewright/core'
import type { VirtualTime } from './virtual-time.js'

/** How a simulated endpoint works while nothing is wrong. */
export interface SimulatedService {
  /** Half of the requests are faster than this, in milliseconds. Default 10. */
  readonly medianMs?: number
  /** One of a hundred is slower than this, in milliseconds; times are log-normal. Default 5 × the median. */
  readonly p99Ms?: number
  /** How many it serves at one time; others wait in its own line. Default: all of them. */
  readonly capacity?: number
}

/** Something that goes wrong for a while. */
export type SimulatedFault = {
  /** From when, in milliseconds after the beginning. Default 0. */
  readonly fromMs?: number
  /** Until when. Default: to the end. */
  readonly untilMs?: number
  /** The endpoint's place in the pool, from 0. Default: all of them. */
  readonly endpoint?: number
} & (
  | {
      /** `kill`: connections are refused and those open reset. `black-hole`: never answers. `flap`: up for a second, down for a second. */
      readonly kind: 'kill' | 'black-hole' | 'flap'
    }
  | {
      /** The gateway itself stalls, and data that arrives meanwhile is read afterwards. Endpoints keep working. */
      readonly kind: 'pause'
    }
  | { readonly kind: 'slow' /** Times of service are multiplied by this. */; readonly factor: number }
  | {
      readonly kind: 'errors'
      /** How many of the responses, from 0 to 1. */
      readonly rate: number
      /** Default 503. */
      readonly status?: number
    }
)

/** How an attempt ends. */
export type AttemptEnd = (status: number, failure: Reason | null) => void

interface Job {
  readonly record: AttemptRecord
  readonly end: AttemptEnd
  readonly holdMs: number
  readonly stop: () => void
}

/** One endpoint of a simulation: serves, queues and fails in virtual time. */
export class SimulatedUpstream {
  readonly endpoint: Endpoint
  readonly #time: VirtualTime
  readonly #chance: Chance
  readonly #startedAt: number
  readonly #faults: readonly SimulatedFault[]
  readonly #median: number
  readonly #sigma: number
  readonly #capacity: number
  readonly #open = new Set<Job>()
  readonly #line: Job[] = []
  readonly #timers = new Map<Job, () => void>()
  readonly #cancels: (() => void)[] = []
  #serving = 0

  constructor(
    endpoint: Endpoint,
    time: VirtualTime,
    chance: Chance,
    service: SimulatedService,
    faults: readonly SimulatedFault[]
  ) {
    const { medianMs = 10, p99Ms = 5 * medianMs, capacity = Number.POSITIVE_INFINITY } = service
    this.endpoint = endpoint
    this.#time = time
    this.#chance = chance
    this.#startedAt = time.now()
    this.#faults = faults
    this.#median = medianMs
    // 2.3263 is the 99th percentile of the standard normal distribution.
    this.#sigma = Math.log(Math.max(1, p99Ms / medianMs)) / 2.3263
    this.#capacity = capacity
    for (const fault of faults) this.#planResets(fault)
  }

  /** Sends an attempt here; `end` is called once, later, unless the returned function is called first. */
  send(record: AttemptRecord, end: AttemptEnd, holdMs: number = 0): () => void {
    if (this.#isDown) return this.#time.timers.after(1, () => end(0, 'upstream_connect_failed'))
    record.sent = true
    const job: Job = { record, end, holdMs, stop: () => this.#stop(job) }
    this.#open.add(job)
    if (this.#active('black-hole') === undefined) {
      if (this.#serving < this.#capacity) this.#serve(job)
      else this.#line.push(job)
    }
    return job.stop
  }

  /** The simulation has ended: so do its faults. */
  close(): void {
    for (const cancel of this.#cancels) cancel()
  }

  #serve(job: Job): void {
    this.#serving++
    const errors = this.#active('errors')
    const status = errors?.kind === 'errors' && this.#chance() < errors.rate ? (errors.status ?? 503) : 200
    const done = (): void => {
      this.#stop(job)
      job.end(status, null)
    }
    this.#timers.set(job, this.#time.timers.after(this.#serviceMs() + job.holdMs, done))
  }

  #stop(job: Job): void {
    if (!this.#open.delete(job)) return
    const cancel = this.#timers.get(job)
    if (cancel === undefined) {
      const place = this.#line.indexOf(job)
      if (place >= 0) this.#line.splice(place, 1)
      return
    }
    this.#timers.delete(job)
    cancel()
    this.#serving--
    const next = this.#line.shift()
    if (next !== undefined) this.#serve(next)
  }

  #serviceMs(): number {
    const slow = this.#active('slow')
    const factor = slow?.kind === 'slow' ? slow.factor : 1
    if (this.#sigma === 0) return this.#median * factor
    // Box and Muller, 1958.
    const normal = Math.sqrt(-2 * Math.log(1 - this.#chance())) * Math.cos(2 * Math.PI * this.#chance())
    return this.#median * factor * Math.exp(this.#sigma * normal)
  }

  get #isDown(): boolean {
    if (this.#active('kill') !== undefined) return true
    const flap = this.#active('flap')
    if (flap === undefined) return false
    return Math.floor((this.#elapsed - (flap.fromMs ?? 0)) / 1_000) % 2 === 1
  }

  get #elapsed(): number {
    return this.#time.now() - this.#startedAt
  }

  #active(kind: SimulatedFault['kind']): SimulatedFault | undefined {
    if (this.#faults.length === 0) return undefined
    const at = this.#elapsed
    return this.#faults.find(
      (fault) =>
        fault.kind === kind && at >= (fault.fromMs ?? 0) && at < (fault.untilMs ?? Number.POSITIVE_INFINITY)
    )
  }

  #planResets({ kind, fromMs = 0 }: SimulatedFault): void {
    const reset = (): void => {
      if (this.#isDown) this.#reset()
    }
    if (kind === 'kill') this.#cancels.push(this.#time.timers.after(fromMs, reset))
    if (kind === 'flap')
      this.#cancels.push(
        this.#time.timers.after(fromMs, () => this.#cancels.push(this.#time.timers.every(1_000, reset)))
      )
  }

  #reset(): void {
    this.#line.length = 0
    for (const job of [...this.#open]) {
      this.#stop(job)
      job.end(0, 'upstream_reset')
    }
  }
}
