import {
  type Cancel,
  type Chance,
  checkEndpoints,
  type Events,
  type Pool,
  type Timers
} from '@gatewright/core'
import type { DiscoveredEndpoints } from './config/callbacks.js'

/** Dependencies shared by all loops. */
export interface DiscoveryContext {
  readonly timers: Timers
  readonly chance: Chance
  readonly events: Events
}

/** The result of a lookup, and its lifetime in milliseconds; `null` if valid until the next result. */
export interface Found {
  readonly endpoints: DiscoveredEndpoints
  readonly freshMs: number | null
}

/** A source of endpoints. */
export interface Source {
  /** Yields each new list; may end or throw, and is then called again. */
  find(signal: AbortSignal): AsyncIterable<Found>
  /** Calls back when a lookup should be made early. */
  onChange?(changed: () => void): Cancel
}

const JITTER = 0.1
const FIRST_BACKOFF_MS = 1_000
const LONGEST_BACKOFF_MS = 30_000

/** Keeps the endpoints of one pool up to date: looks up, applies, waits, repeats. A failure changes no endpoints. */
export class SourceLoop {
  readonly #context: DiscoveryContext
  readonly #source: Source
  readonly #abort = new AbortController()
  #pool: Pool
  #started = false
  /** Failures from before the pool was in use. */
  #held: unknown[] | null = null
  #wake: (() => void) | null = null
  #backoffMs = FIRST_BACKOFF_MS
  #applied = ''
  #begun: () => void = () => {}
  /** Resolves when the first list has been applied. */
  readonly first: Promise<void> = new Promise((resolve) => {
    this.#begun = resolve
  })

  constructor(pool: Pool, context: DiscoveryContext, source: Source) {
    this.#pool = pool
    this.#context = context
    this.#source = source
  }

  /** The pool that is kept up to date. */
  get pool(): Pool {
    return this.#pool
  }

  /** Starts; a second call does nothing. */
  start(): void {
    if (this.#started) return
    this.#started = true
    void this.#run()
  }

  /** Starts for a pool that is not in use yet: failures are reported once it is. */
  startAside(): void {
    this.#held = []
    this.start()
  }

  /** Switches to the pool of another configuration, which has the same endpoints. */
  use(pool: Pool): void {
    this.#pool = pool
    const failures = this.#held ?? []
    this.#held = null
    for (const error of failures) this.#failed(error)
  }

  stop(): void {
    this.#abort.abort()
    this.#wake?.()
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort
    while (!signal.aborted) {
      let waitMs: number | null = null
      try {
        for await (const { endpoints, freshMs } of this.#source.find(signal)) {
          if (signal.aborted) return
          this.#apply(endpoints)
          this.#backoffMs = FIRST_BACKOFF_MS
          waitMs = freshMs
        }
      } catch (error) {
        if (signal.aborted) return
        this.#failed(error)
        waitMs = null
      }
      await this.#wait(waitMs ?? this.#nextBackoff())
    }
  }

  #failed(error: unknown): void {
    if (this.#held !== null) this.#held.push(error)
    else this.#context.events.emit('discovery_failed', { pool: this.#pool, error })
  }

  // An invalid list changes nothing.
  #apply(endpoints: DiscoveredEndpoints): void {
    const problems = [...checkEndpoints(endpoints, 'endpoints')]
    if (problems.length > 0) throw new Error(problems.join('; '))
    if (endpoints.length === 0) throw new Error('no endpoint was found')
    const text = JSON.stringify(endpoints)
    if (text !== this.#applied) this.#pool.replaceEndpoints(endpoints)
    this.#applied = text
    this.#begun()
  }

  #nextBackoff(): number {
    const now = this.#backoffMs
    this.#backoffMs = Math.min(LONGEST_BACKOFF_MS, now * 2)
    return now
  }

  // Jitter: gateways must not look up at the same moment.
  async #wait(ms: number): Promise<void> {
    if (this.#abort.signal.aborted) return
    const spread = ms * (1 + JITTER * (2 * this.#context.chance() - 1))
    const cancels: (Cancel | undefined)[] = []
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      cancels.push(this.#context.timers.after(spread, resolve), this.#source.onChange?.(resolve))
    })
    for (const cancel of cancels) cancel?.()
  }
}
