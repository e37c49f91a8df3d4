import type { Chance, Clock } from '@gatewright/core'
import { Limiter } from './limiter.js'
import { type LimitSettings, shareOfLimit } from './settings.js'

/** The limits of the next configuration. */
export interface NextLimiters {
  /** The number of limits. */
  readonly size: number
  /** The limit of this key, which gets these settings at the commit; `null` without settings. */
  take(key: string, settings: LimitSettings | null): Limiter | null
  /** The next configuration becomes current. */
  commit(): void
  /** No request uses earlier configurations any more. */
  retire(): void
}

interface Leaving {
  readonly limiter: Limiter
  /** The change that removed it. */
  readonly change: object
}

/** All limits by `route <id>` or `pool <id>`; running and queued requests survive configuration changes. */
export class Limiters {
  readonly #clock: Clock
  readonly #chance: Chance
  readonly #processes: number
  #current = new Map<string, Limiter>()
  /** Limits no longer configured, which requests on earlier configurations may still use. */
  readonly #leaving = new Map<string, Leaving>()

  /** `processes` share each limit. */
  constructor(clock: Clock, chance: Chance, processes = 1) {
    this.#clock = clock
    this.#chance = chance
    this.#processes = processes
  }

  /** The configured limits: those of pools first, in configuration order. */
  get current(): ReadonlyMap<string, Limiter> {
    return this.#current
  }

  /** Admits queued requests where there is room and times out others. Returns how many are still queued. */
  tick(): number {
    let waiting = 0
    for (const limiter of this.#current.values()) waiting += tick(limiter)
    for (const { limiter } of this.#leaving.values()) waiting += tick(limiter)
    return waiting
  }

  /** Prepares the limits of the next configuration. Changes nothing before the commit. */
  prepare(): NextLimiters {
    const next = new Map<string, Limiter>()
    const settingsOf = new Map<Limiter, LimitSettings>()
    const change = {}
    return {
      get size() {
        return next.size
      },
      take: (key, whole) => {
        const settings = shareOfLimit(whole, this.#processes)
        if (settings === null) return null
        const limiter = this.#known(key) ?? new Limiter(settings, this.#clock, this.#chance)
        next.set(key, limiter)
        settingsOf.set(limiter, settings)
        return limiter
      },
      commit: () => {
        for (const [key, limiter] of this.#current)
          if (!next.has(key)) this.#leaving.set(key, { limiter, change })
        for (const key of next.keys()) this.#leaving.delete(key)
        for (const [limiter, settings] of settingsOf) limiter.resize(settings)
        this.#current = next
      },
      retire: () => {
        for (const [key, leaving] of this.#leaving) if (leaving.change === change) this.#leaving.delete(key)
      }
    }
  }

  #known(key: string): Limiter | undefined {
    return this.#current.get(key) ?? this.#leaving.get(key)?.limiter
  }
}

function tick(limiter: Limiter): number {
  limiter.callNext()
  limiter.expire()
  return limiter.waiting
}
