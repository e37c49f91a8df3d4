import type { SimulatedFault } from './simulated-upstream.js'
import type { VirtualTime } from './virtual-time.js'

interface Pause {
  readonly from: number
  readonly until: number
}

/** Pauses of the gateway itself in a simulation: events wait until they end, and so do its time limits. */
export class SimulatedPauses {
  readonly #time: VirtualTime
  readonly #pauses: readonly Pause[]

  constructor(time: VirtualTime, faults: readonly SimulatedFault[], durationMs: number) {
    const startedAt = time.now()
    this.#time = time
    this.#pauses = faults
      .filter(({ kind }) => kind === 'pause')
      .map(({ fromMs = 0, untilMs = durationMs }) => ({
        from: startedAt + fromMs,
        until: startedAt + untilMs
      }))
  }

  /** Something arrives at the gateway: it is read now, or at the end of the pause. */
  arrive(task: () => void): void {
    const pause = this.#at(this.#time.now())
    if (pause === undefined) task()
    else this.#time.timers.after(pause.until - this.#time.now(), () => this.arrive(task))
  }

  /** A time limit of the gateway. One that is reached in a pause has the rest of its time afterwards. */
  after(ms: number, task: () => void): () => void {
    let cancel = this.#time.timers.after(ms, () => {
      const now = this.#time.now()
      const pause = this.#at(now)
      if (pause === undefined) task()
      else cancel = this.after(pause.until - now + (now - pause.from), task)
    })
    return () => cancel()
  }

  /** Milliseconds that the gateway stood still in that time. */
  lost(from: number, until: number): number {
    let lost = 0
    for (const pause of this.#pauses)
      lost += Math.max(0, Math.min(until, pause.until) - Math.max(from, pause.from))
    return lost
  }

  #at(now: number): Pause | undefined {
    return this.#pauses.find(({ from, until }) => now >= from && now < until)
  }
}
