import type { Chance, Clock } from '@gatewright/core'
import { Limiter } from './limiter.js'
import type { LimitSettings } from './settings.js'

/** The limits of the next configuration. */
export interface NextLimiters {
  /** How many there are. */
  readonly size: number
  /** The limit of this name, which gets these settings at the commit; `null` for no settings. */
  take(key: string, settings: LimitSettings | null): Limiter | null
  /** The next configuration takes over. */
  commit(): void
  /** No request runs on the configurations before. */
  retire(): void
}

interface Leaving {
  readonly limiter: Limiter
  /** What it left with. */
  readonly change: object
}

/** Every limit, by `route <id>` or `pool <id>`: who runs and who waits stays over changes of the configuration. */
export class Limiters {
  readonly #clock: Clock
  readonly #chance: Chance
  #current = new Map<string, Limiter>()
  /** Not configured any more, while requests of earlier configurations may run and wait there. */
  readonly #leaving = new Map<string, Leaving>()

  constructor(clock: Clock, chance: Chance) {
    this.#clock = clock
    this.#chance = chance
  }

  /** Those that are configured: pools' first, in the order of the configuration. */
  get current(): ReadonlyMap<string, Limiter> {
    return this.#current
  }

  /** Lets in whoever there is room for, and sends away whoever has waited too long. Returns how many still wait. */
  tick(): number {
    let waiting = 0
    for (const limiter of this.#current.values()) waiting += tick(limiter)
    for (const { limiter } of this.#leaving.values()) waiting += tick(limiter)
    return waiting
  }

  /** Makes ready what the next configuration has. Changes nothing before the commit. */
  prepare(): NextLimiters {
    const next = new Map<string, Limiter>()
    const settingsOf = new Map<Limiter, LimitSettings>()
    const change = {}
    return {
      get size() {
        return next.size
      },
      take: (key, settings) => {
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
