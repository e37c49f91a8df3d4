import type { Clock, Endpoint } from '@gatewright/core'
import type { UnhealthySettings } from './settings.js'

const TRICKLE_MS = 1_000

/** Filters a pool's candidates by health. The result is cached until something changes. */
export class Usable {
  readonly #clock: Clock
  readonly #mayWork: (endpoint: Endpoint) => boolean
  #settings: UnhealthySettings
  readonly #usedAt = new WeakMap<Endpoint, number>()
  #asked: readonly Endpoint[] | null = null
  #answer: readonly Endpoint[] = []
  #trickledAt = Number.NEGATIVE_INFINITY

  /** `mayWork`: whether an ejected endpoint passes its probes or is not probed. */
  constructor(settings: UnhealthySettings, clock: Clock, mayWork: (endpoint: Endpoint) => boolean) {
    this.#settings = settings
    this.#clock = clock
    this.#mayWork = mayWork
  }

  /** Applies new settings. */
  use(settings: UnhealthySettings): void {
    this.#settings = settings
    this.changed()
  }

  /** The health of an endpoint changed: invalidates the cache. */
  changed(): void {
    this.#asked = null
  }

  /**
   * The first non-empty of: healthy and unknown candidates; degraded ones; ejected ones (an outlier needs peers); the choice
   * of the `unhealthy` policy.
   */
  of(candidates: readonly Endpoint[]): readonly Endpoint[] {
    if (candidates !== this.#asked) {
      this.#asked = candidates
      this.#answer = this.#choose(candidates)
    }
    if (this.#answer.length > 0) return this.#answer
    return this.#settings.policy === 'trickle' ? this.#trickle(candidates) : []
  }

  /** Whether an endpoint is used despite its health, for lack of better ones. */
  uses(endpoint: Endpoint, candidates: readonly Endpoint[]): boolean {
    return this.#choose(candidates).includes(endpoint)
  }

  /** Records the start of an attempt. */
  started(endpoint: Endpoint): void {
    if (this.#answer.length > 0) return
    const now = this.#clock()
    this.#trickledAt = now
    this.#usedAt.set(endpoint, now)
  }

  #choose(candidates: readonly Endpoint[]): readonly Endpoint[] {
    const { policy, panicThreshold } = this.#settings
    const good = candidates.filter(({ health }) => health === 'healthy' || health === 'unknown')
    const works = candidates.filter(({ health }) => health === 'degraded')
    const panics = policy === 'all' && (good.length + works.length) / candidates.length < panicThreshold
    if (panics || (policy === 'all' && good.length + works.length === 0)) return candidates
    // Returns the same list if no candidate is filtered out: later stages may have cached it.
    if (good.length === candidates.length) return candidates
    if (good.length > 0) return good
    if (works.length > 0) return works
    return candidates.filter((endpoint) => endpoint.health === 'ejected' && this.#mayWork(endpoint))
  }

  // One request per second, to the endpoint used longest ago: detects recovery without probes.
  #trickle(candidates: readonly Endpoint[]): readonly Endpoint[] {
    if (this.#clock() - this.#trickledAt < TRICKLE_MS) return []
    const usedAt = (endpoint: Endpoint): number => this.#usedAt.get(endpoint) ?? 0
    const [longest] = candidates.toSorted((a, b) => usedAt(a) - usedAt(b))
    return longest === undefined ? [] : [longest]
  }
}
