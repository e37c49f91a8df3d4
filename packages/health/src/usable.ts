import type { Clock, Endpoint } from '@gatewright/core'
import type { UnhealthySettings } from './settings.js'

const TRICKLE_MS = 1_000

/** Which candidates of a pool may be used. The answer is remembered until something changes. */
export class Usable {
  readonly #clock: Clock
  readonly #mayWork: (endpoint: Endpoint) => boolean
  #settings: UnhealthySettings
  readonly #usedAt = new WeakMap<Endpoint, number>()
  #asked: readonly Endpoint[] | null = null
  #answer: readonly Endpoint[] = []
  #trickledAt = Number.NEGATIVE_INFINITY

  /** `mayWork` says of an ejected endpoint whether its probes pass, or there are none. */
  constructor(settings: UnhealthySettings, clock: Clock, mayWork: (endpoint: Endpoint) => boolean) {
    this.#settings = settings
    this.#clock = clock
    this.#mayWork = mayWork
  }

  /** What holds from now on. */
  use(settings: UnhealthySettings): void {
    this.#settings = settings
    this.changed()
  }

  /** What is known of some endpoint is something else now. */
  changed(): void {
    this.#asked = null
  }

  /**
   * The healthy and unknown ones; without any, the degraded ones; without any, the ejected ones, as to have failed more
   * than others is no reason where there are no others; without any, what the policy says.
   */
  of(candidates: readonly Endpoint[]): readonly Endpoint[] {
    if (candidates !== this.#asked) {
      this.#asked = candidates
      this.#answer = this.#choose(candidates)
    }
    if (this.#answer.length > 0) return this.#answer
    return this.#settings.policy === 'trickle' ? this.#trickle(candidates) : []
  }

  /** Whether an endpoint that is out is used all the same, as there is nothing better. */
  uses(endpoint: Endpoint, candidates: readonly Endpoint[]): boolean {
    return this.#choose(candidates).includes(endpoint)
  }

  /** An attempt begins. */
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
    // The same list when nobody is left out: what follows may have remembered it.
    if (good.length === candidates.length) return candidates
    if (good.length > 0) return good
    if (works.length > 0) return works
    return candidates.filter((endpoint) => endpoint.health === 'ejected' && this.#mayWork(endpoint))
  }

  // One a second, to the one that has been left alone for longest: that is how recovery is noticed without probes.
  #trickle(candidates: readonly Endpoint[]): readonly Endpoint[] {
    if (this.#clock() - this.#trickledAt < TRICKLE_MS) return []
    const usedAt = (endpoint: Endpoint): number => this.#usedAt.get(endpoint) ?? 0
    const [longest] = candidates.toSorted((a, b) => usedAt(a) - usedAt(b))
    return longest === undefined ? [] : [longest]
  }
}
