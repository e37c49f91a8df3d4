import {
  allRoutes,
  type Chance,
  type InSteps,
  type Route,
  type RouteSlot,
  type Snapshot,
  sameConfig,
  settingIn
} from '@gatewright/core'
import { rateLimitKey } from './keys.js'
import { LimitCounts } from './limit-counts.js'
import type { RateLimit } from './rate-limit.js'
import { type RateLimitSettings, shareOf } from './settings.js'

/** The limits of a request, by when they are asked. */
export interface LimitsOfRoute {
  /** All of them, those of the whole configuration first. */
  readonly all: readonly RateLimit[]
  /** Those that can be asked at once. */
  readonly onArrival: readonly RateLimit[]
  /** Those whose key is known only when it is known who the request is from. */
  readonly byIdentity: readonly RateLimit[]
}

const NONE: LimitsOfRoute = { all: [], onArrival: [], byIdentity: [] }

/** What counts for several processes, as a configuration has it. */
export interface SharedCounting {
  /** Whether there is a store. */
  readonly isThere: boolean
  /** Processes that share it. */
  readonly instances: number
  /** Processes that count each for itself where there is none. */
  readonly processes: number
}

/** The limits of the next configuration, made ready. */
export interface NextRateLimits {
  readonly all: readonly RateLimit[]
  readonly problems: readonly string[]
  commit(): void
}

/** Every limit, and which of them hold for a route. */
export class RateLimits {
  readonly #chance: Chance
  #current = new Map<string, LimitCounts>()
  readonly #ofRoute: RouteSlot<LimitsOfRoute>
  readonly #ofAll = new WeakMap<Snapshot, LimitsOfRoute>()

  constructor(chance: Chance, ofRoute: RouteSlot<LimitsOfRoute>) {
    this.#chance = chance
    this.#ofRoute = ofRoute
  }

  /** What is counted by the limits that are configured now. */
  get current(): Iterable<LimitCounts> {
    return this.#current.values()
  }

  /** The limits of a request. */
  of(snapshot: Snapshot, route: Route | null): LimitsOfRoute {
    return (route === null ? this.#ofAll.get(snapshot) : this.#ofRoute.of(route)) ?? NONE
  }

  /** Makes ready what limits the next configuration; counts that both have stay. */
  *prepare(next: Snapshot, shared: SharedCounting): InSteps<NextRateLimits> {
    const counts = new Map<string, LimitCounts>()
    const limits = new Map<string, RateLimit>()
    const problems: string[] = []
    const take = (owner: string, settings: RateLimitSettings): RateLimit => {
      const id = settings.named ? `name ${settings.name}` : `${owner} ${settings.name}`
      const known = counts.get(id) ?? this.#current.get(id) ?? new LimitCounts(id, settings, this.#chance)
      const before = limits.get(id)
      if (before !== undefined && !countAlike(before.settings, settings))
        problems.push(
          `${owner}: rateLimit '${settings.name}' has other numbers or another key than elsewhere; limits of one name are one`
        )
      if (settings.store === 'shared' && !shared.isThere)
        problems.push(
          `${owner}: rateLimit '${settings.name}' is to be shared, but there is no 'rateLimitStore'`
        )
      const isShared = shared.isThere && settings.store !== 'memory'
      const algorithm = settings.share(isShared ? shared.instances : shared.processes)
      const mostRunning = shareOf(settings.quota, shared.processes)
      const limit: RateLimit = { settings, counts: known, algorithm, mostRunning, isShared }
      counts.set(id, known)
      limits.set(id, before ?? limit)
      return limit
    }
    const all = settingIn(rateLimitKey, next.config).map((one) => take('gateway', one))
    this.#ofAll.set(next, byTime(all))
    for (const route of allRoutes(next)) {
      const own = route.setting(rateLimitKey).map((one) => take(`route ${route.id}`, one))
      // A named limit that holds for everything is asked once.
      const others = own.filter((one) => !all.some((other) => other.counts === one.counts))
      this.#ofRoute.set(route, byTime([...all, ...others]))
      yield
    }
    return {
      all: [...limits.values()],
      problems,
      commit: () => {
        for (const { settings, counts } of limits.values()) counts.use(settings)
        this.#current = counts
      }
    }
  }
}

function byTime(all: readonly RateLimit[]): LimitsOfRoute {
  return {
    all,
    onArrival: all.filter(({ settings }) => !settings.byIdentity),
    byIdentity: all.filter(({ settings }) => settings.byIdentity)
  }
}

// What decides which requests share a count, and how much of it there is.
function countAlike(one: RateLimitSettings, other: RateLimitSettings): boolean {
  const numbers = ({ kind, asked, ipv6Prefix, maxKeys, key, store }: RateLimitSettings) => [
    kind,
    asked,
    ipv6Prefix,
    maxKeys,
    key,
    store
  ]
  return sameConfig(numbers(one), numbers(other))
}
