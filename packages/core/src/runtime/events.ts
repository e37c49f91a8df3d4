import type { Report } from '../attempts/stage-calls.js'
import type { Endpoint, EndpointHealth } from '../model/endpoint.js'
import type { BreakerKind, Exchange } from '../model/exchange.js'
import { faultOf, nameOfPart } from '../model/plugin-fault.js'
import type { Pool } from '../model/pool.js'
import type { Reason } from '../model/reason.js'

/** A change of an endpoint's health, with what caused it. */
export interface EndpointHealthChanged {
  readonly pool: Pool
  readonly endpoint: Endpoint
  readonly from: EndpointHealth
  readonly to: EndpointHealth
  /** What was seen, for people: `3 failed probes in a row: connection refused`. */
  readonly because: string
}

/** A change of a circuit breaker. */
export interface BreakerChanged {
  readonly pool: Pool
  /** The route whose own breaker it is; `null` for the pool's. */
  readonly routeId: string | null
  readonly from: BreakerKind
  readonly to: BreakerKind
  /** What was seen, for people: `11 of 20 requests failed within 10s`. */
  readonly because: string
}

/** Everything that parts of the gateway tell about, by name. */
export interface GatewayEvents {
  endpoint_health: EndpointHealthChanged
  /** Endpoints came or left, by discovery or at run time. */
  pool_endpoints: {
    readonly pool: Pool
    readonly added: readonly Endpoint[]
    readonly removed: readonly Endpoint[]
  }
  /** Discovery failed; the endpoints stay as they are. */
  discovery_failed: { readonly pool: Pool; readonly error: unknown }
  breaker: BreakerChanged
  /** Another attempt is about to be made, or was not: `exhausted` all attempts, `budget` spent. */
  retry: {
    readonly exchange: Exchange
    readonly outcome: 'again' | 'success' | 'exhausted' | 'budget'
    readonly delayMs: number
  }
  /** A hedge began, or the budget did not allow it. `won`: the client gets its answer; `lost`: that of the first attempt. */
  hedge: { readonly exchange: Exchange; readonly outcome: 'sent' | 'won' | 'lost' | 'budget' }
  /** A request was not let in. */
  rejected: { readonly exchange: Exchange; readonly reason: Reason; readonly because: string }
  /** A policy in `mode: 'observe'` would have done this. */
  observed: { readonly exchange: Exchange; readonly reason: Reason | null; readonly because: string }
}

/** Called with what happened. One that throws is reported and disturbs nobody. */
export type GatewayListener<Name extends keyof GatewayEvents> = (event: GatewayEvents[Name]) => void

/** Typed events: `gateway.events.on('breaker', ({ pool, to }) => …)`. Listeners are called at once, in order. */
export class Events {
  readonly #listeners = new Map<keyof GatewayEvents, GatewayListener<never>[]>()
  /** Told of what listeners throw. Default: nobody. */
  report: Report = () => {}

  /** Adds a listener. Returns what removes it again. */
  on<Name extends keyof GatewayEvents>(name: Name, listener: GatewayListener<Name>): () => void {
    const list = this.#listeners.get(name) ?? []
    this.#listeners.set(name, [...list, listener])
    return () => {
      const now = this.#listeners.get(name) ?? []
      this.#listeners.set(
        name,
        now.filter((other) => other !== listener)
      )
    }
  }

  /** Whether anybody listens: what is told often need not be put together for nobody. */
  has(name: keyof GatewayEvents): boolean {
    return (this.#listeners.get(name)?.length ?? 0) > 0
  }

  emit<Name extends keyof GatewayEvents>(name: Name, event: GatewayEvents[Name]): void {
    const list = this.#listeners.get(name) as readonly GatewayListener<Name>[] | undefined
    if (list === undefined) return
    for (const listener of list) {
      try {
        listener(event)
      } catch (error) {
        const { exchange = null } = event as { readonly exchange?: Exchange }
        this.report(faultOf(nameOfPart(`a listener of '${name}'`, listener), error), exchange)
      }
    }
  }
}
