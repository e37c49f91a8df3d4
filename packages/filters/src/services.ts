import type { Gateway } from '@gatewright/core'
import { FilterBreaker } from './breaker.js'
import { GrpcTarget } from './grpc/target.js'
import type { CommonSettings, ServiceSettings } from './settings.js'

/** What filters reach their services by. It outlives a configuration where the next one says the same. */
export class Services {
  readonly #gateway: Gateway
  readonly #targets = new Map<string, GrpcTarget>()
  readonly #breakers = new Map<string, FilterBreaker>()

  constructor(gateway: Gateway) {
    this.#gateway = gateway
  }

  /** Every target there is, by where it is. */
  get targets(): ReadonlyMap<string, GrpcTarget> {
    return this.#targets
  }

  /** The connection to a service: one for all filters that reach it in the same way. */
  target(key: string, { url, tls, keepAliveMs }: ServiceSettings): GrpcTarget {
    const known = this.#targets.get(key)
    if (known !== undefined) return known
    const made = new GrpcTarget({ url, tls, keepAliveMs }, this.#gateway)
    this.#targets.set(key, made)
    return made
  }

  /** The breaker of a filter's service; `null` for none. */
  breaker(key: string, { breaker }: CommonSettings): FilterBreaker | null {
    if (breaker === null) return null
    const known = this.#breakers.get(key)
    if (known !== undefined) return known
    const made = new FilterBreaker(breaker, this.#gateway.clock)
    this.#breakers.set(key, made)
    return made
  }

  /** Gives up what has none of these keys. */
  keep(keys: ReadonlySet<string>): void {
    for (const [key, target] of this.#targets) {
      if (keys.has(key)) continue
      this.#targets.delete(key)
      target.close()
    }
    for (const key of this.#breakers.keys()) if (!keys.has(key)) this.#breakers.delete(key)
  }

  /** Ends every connection at once. */
  close(): void {
    for (const target of this.#targets.values()) target.destroy()
    this.#targets.clear()
  }
}

/** What two filters must have in common to share a connection. */
export function targetKey({ url, tls, keepAliveMs }: ServiceSettings): string {
  return JSON.stringify([url.href, tls, keepAliveMs])
}

/** What two filters must have in common to share a breaker. */
export function breakerKey({ name, breaker }: CommonSettings, target: string): string {
  return JSON.stringify([name, breaker, target])
}
