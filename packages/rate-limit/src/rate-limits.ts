import type { Chance, Route, Snapshot } from '@gatewright/core'
import { allRoutes, settingIn } from '@gatewright/core'
import { rateLimitKey } from './keys.js'
import { RateLimit } from './rate-limit.js'
import type { RateLimitSettings } from './settings.js'

const NONE: readonly RateLimit[] = []

/** The limits of the next configuration, made ready. */
export interface NextRateLimits {
  /** How many there are. */
  readonly size: number
  /** Where two of one name differ. */
  readonly problems: readonly string[]
  commit(): void
}

/** Every limit, and which of them hold for a route. */
export class RateLimits {
  readonly #chance: Chance
  #current = new Map<string, RateLimit>()
  readonly #ofRoute = new WeakMap<Route, readonly RateLimit[]>()
  readonly #ofAll = new WeakMap<Snapshot, readonly RateLimit[]>()

  constructor(chance: Chance) {
    this.#chance = chance
  }

  /** Those that are configured now. */
  get current(): Iterable<RateLimit> {
    return this.#current.values()
  }

  /** The limits of a request: those of the whole configuration first. */
  of(snapshot: Snapshot, route: Route | null): readonly RateLimit[] {
    return (route === null ? this.#ofAll.get(snapshot) : this.#ofRoute.get(route)) ?? NONE
  }

  /** Makes ready what limits the next configuration; limits that both have stay. */
  prepare(next: Snapshot): NextRateLimits {
    const limits = new Map<string, RateLimit>()
    const settingsOf = new Map<RateLimit, RateLimitSettings>()
    const problems: string[] = []
    const take = (owner: string, settings: RateLimitSettings): RateLimit => {
      const id = settings.shared ? `name ${settings.name}` : `${owner} ${settings.name}`
      const limit = limits.get(id) ?? this.#current.get(id) ?? new RateLimit(id, settings, this.#chance)
      const before = settingsOf.get(limit)
      if (before !== undefined && numbersOf(before) !== numbersOf(settings))
        problems.push(
          `${owner}: rateLimit '${settings.name}' has other numbers than elsewhere; limits of one name are one`
        )
      limits.set(id, limit)
      settingsOf.set(limit, settings)
      return limit
    }
    const all = settingIn(rateLimitKey, next.config).map((one) => take('gateway', one))
    this.#ofAll.set(next, all)
    for (const route of allRoutes(next)) {
      const own = route.setting(rateLimitKey).map((one) => take(`route ${route.id}`, one))
      this.#ofRoute.set(route, own.length === 0 ? all : [...new Set([...all, ...own])])
    }
    return {
      size: limits.size,
      problems,
      commit: () => {
        for (const [limit, settings] of settingsOf) limit.use(settings)
        this.#current = limits
      }
    }
  }
}

function numbersOf({ kind, quota, seconds, ipv6Prefix, maxKeys, key }: RateLimitSettings): string {
  const named = JSON.stringify(key, (_name, value: unknown) =>
    typeof value === 'function' ? String(value) : value
  )
  return [kind, quota, seconds, ipv6Prefix, maxKeys, named].join()
}
