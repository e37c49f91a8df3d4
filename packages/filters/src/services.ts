import type { Gateway } from '@gatewright/core'
import { FilterBreaker } from './breaker.js'
import { GrpcTarget } from './grpc/target.js'
import type { CommonSettings, ServiceSettings } from './settings.js'

/** A connection to a filter service. */
export interface FilterTargetReport {
  /** `http://127.0.0.1:9191` */
  readonly target: string
  readonly connections: number
  /** Calls that wait for a place. */
  readonly waiting: number
}

/** A breaker of a filter. */
export interface FilterBreakerReport {
  readonly filter: string
  readonly open: boolean
}

/** What filters reach their services by. It outlives a configuration where the next one says the same. */
export class Services {
  readonly #gateway: Gateway
  readonly #targets = new Map<string, { readonly url: string; readonly target: GrpcTarget }>()
  readonly #breakers = new Map<string, { readonly filter: string; readonly breaker: FilterBreaker }>()

  constructor(gateway: Gateway) {
    this.#gateway = gateway
  }

  targetReports(): FilterTargetReport[] {
    return [...this.#targets.values()].map(({ url, target }) => ({
      target: url,
      connections: target.sessions,
      waiting: target.waiting
    }))
  }

  breakerReports(): FilterBreakerReport[] {
    return [...this.#breakers.values()].map(({ filter, breaker }) => ({ filter, open: breaker.isOpen }))
  }

  /** The connection to a service: one for all filters that reach it in the same way. */
  target(key: string, { url, tls, keepAliveMs }: ServiceSettings): GrpcTarget {
    const known = this.#targets.get(key)
    if (known !== undefined) return known.target
    const target = new GrpcTarget({ url, tls, keepAliveMs }, this.#gateway)
    this.#targets.set(key, { url: url.protocol === 'unix:' ? url.href : url.origin, target })
    return target
  }

  /** The breaker of a filter's service; `null` for none. */
  breaker(key: string, { name, breaker: settings }: CommonSettings): FilterBreaker | null {
    if (settings === null) return null
    const known = this.#breakers.get(key)
    if (known !== undefined) return known.breaker
    const breaker = new FilterBreaker(settings, this.#gateway.clock)
    this.#breakers.set(key, { filter: name, breaker })
    return breaker
  }

  /** Connects what is not connected yet, so that the first request need not wait. */
  warmUp(keys: ReadonlySet<string>): void {
    for (const [key, { target }] of this.#targets) if (keys.has(key)) target.warmUp()
  }

  /** Gives up what has none of these keys. */
  keep(keys: ReadonlySet<string>): void {
    for (const [key, { target }] of this.#targets) {
      if (keys.has(key)) continue
      this.#targets.delete(key)
      target.close()
    }
    for (const key of this.#breakers.keys()) if (!keys.has(key)) this.#breakers.delete(key)
  }

  /** Ends every connection at once. */
  close(): void {
    for (const { target } of this.#targets.values()) target.destroy()
    this.#targets.clear()
  }
}

/** What two filters must have in common to share a connection. */
export function targetKey({ url, tls, keepAliveMs }: ServiceSettings): string {
  return JSON.stringify(['target', url.href, tls, keepAliveMs])
}

/** What two filters must have in common to share a breaker; `where` is what they ask. */
export function breakerKey({ name, breaker }: CommonSettings, where: string): string {
  return JSON.stringify(['breaker', name, breaker, where])
}
