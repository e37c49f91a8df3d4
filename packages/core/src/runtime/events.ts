import type { Report } from '../attempts/stage-calls.js'
import type { Reason } from '../config/reason.js'
import type { Endpoint } from '../model/endpoint.js'
import type { Exchange } from '../model/exchange.js'
import { faultOf, nameOfPart } from '../model/plugin-fault.js'
import type { Pool } from '../model/pool.js'
import type { BeginAtZero, EventDescription } from './event-description.js'
import { METRIC_NAME, Registration, SNAKE_CASE } from './registration.js'

/**
 * All events by name. A feature adds its own, and describes it with
 * `gateway.events.describe`:
 *
 * ```ts
 * declare module '@gatewright/core' {
 *   interface GatewayEvents {
 *     quota: { readonly exchange: Exchange; readonly left: number }
 *   }
 * }
 * ```
 */
export interface GatewayEvents {
  /** Endpoints came or left, by discovery or at run time. */
  pool_endpoints: {
    readonly pool: Pool
    readonly added: readonly Endpoint[]
    readonly removed: readonly Endpoint[]
  }
  /** A request was refused admission. */
  rejected: { readonly exchange: Exchange; readonly reason: Reason; readonly because: string }
  /** A policy in `mode: 'observe'` would have done this. */
  observed: { readonly exchange: Exchange; readonly reason: Reason | null; readonly because: string }
}

/** Called with the event. If it throws, that is reported and other listeners still run. */
export type GatewayListener<Name extends keyof GatewayEvents> = (event: GatewayEvents[Name]) => void

/** Called with each event that is described. */
type Reader = (name: keyof GatewayEvents, description: EventDescription<object>) => void

/** Typed events: `gateway.events.on('breaker', ({ pool, to }) => …)`. Listeners are called at once, in order. */
export class Events {
  readonly #listeners = new Map<keyof GatewayEvents, GatewayListener<never>[]>()
  readonly #names = new Registration('event', SNAKE_CASE, 'lower case, its words joined by _')
  readonly #metrics: Registration
  readonly #described = new Map<keyof GatewayEvents, EventDescription<object>>()
  readonly #readers: Reader[] = []
  readonly #zeros: BeginAtZero[] = []
  /** Receives what listeners throw. Default: none. */
  report: Report = () => {}

  /** `metrics`: the names of metrics that are taken. */
  constructor(
    metrics: Registration = new Registration('metric', METRIC_NAME, 'a name by the rules of Prometheus')
  ) {
    this.#metrics = metrics
  }

  /**
   * Says of an event how it is counted, noted and shown: metrics, the flight recorder and spans know events by this alone.
   * Throws GW_REGISTRATION_INVALID for a wrong name, one that is described already, or after the start.
   */
  describe<Name extends keyof GatewayEvents>(
    name: Name,
    description: EventDescription<GatewayEvents[Name]>
  ): void {
    this.#names.take(name)
    const any = description as EventDescription<object>
    for (const counter of any.counters ?? []) {
      this.#metrics.take(counter.name)
      if (counter.zeros !== undefined || counter.zerosOf !== undefined)
        this.#zeros.push({ counter: counter.name, zeros: counter.zeros, zerosOf: counter.zerosOf })
    }
    this.#described.set(name, any)
    for (const reader of this.#readers) reader(name, any)
  }

  /** Calls `reader` with every event that is described, by now or later. */
  each(reader: Reader): void {
    for (const [name, description] of this.#described) reader(name, description)
    this.#readers.push(reader)
  }

  /**
   * Series of a counter that are to be there before anything is counted: those of a route that whoever tells the event can
   * cause by this configuration.
   */
  beginAtZero(counter: string, zerosOf: NonNullable<BeginAtZero['zerosOf']>): void {
    this.#zeros.push({ counter, zerosOf })
  }

  /** What {@link beginAtZero} was given. */
  get zeros(): readonly BeginAtZero[] {
    return this.#zeros
  }

  /** The gateway starts: nothing can be described any more. */
  close(): void {
    this.#names.close()
  }

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

  /** True if anyone listens; check before building a hot payload. */
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
