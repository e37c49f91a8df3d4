import {
  admit,
  DEFAULT_TIMEOUTS,
  Exchange,
  type Gateway,
  GatewayError,
  type Identity,
  InvalidValueError,
  type Pool,
  type Route
} from '@gatewright/core'
import { fakeExchange } from './fake-exchange.js'
import { seededChance } from './seeded-chance.js'
import { SimulatedExchange } from './simulated-exchange.js'
import { SimulatedPauses } from './simulated-pauses.js'
import { type SimulatedFault, type SimulatedService, SimulatedUpstream } from './simulated-upstream.js'
import { SimulationRecord, type SimulationResult } from './simulation-result.js'
import type { VirtualTime } from './virtual-time.js'

/** Requests of one kind. */
export interface SimulatedRequests {
  /** Requests a second, arriving by chance (a Poisson process). */
  readonly perSecond: number
  /** Default `GET`. */
  readonly method?: string
  /** Id of the route that lends its options. Default: the pool's first route in the configuration. */
  readonly route?: string
  /** Who they are from. Default: nobody knows. */
  readonly identity?: Identity
  /** From when they arrive, in milliseconds after the beginning. Default 0. */
  readonly fromMs?: number
  /** Until when. Default: to the end. */
  readonly untilMs?: number
  /** How much longer the head of a response takes, in milliseconds, as a long poll's does. Default 0. */
  readonly holdMs?: number
  /** How long a response goes on after its head, in milliseconds, as an event stream's does. Default 0. */
  readonly bodyMs?: number
}

/** What to simulate. */
export interface SimulationOptions {
  /** A kernel that is ready, made with the clock and timers of `time`: `app.gateway`. */
  readonly gateway: Gateway
  /** The time line of the gateway; it is moved on. */
  readonly time: VirtualTime
  /** The pool's id. */
  readonly pool: string
  /** Requests of one kind, or of several. */
  readonly load: SimulatedRequests | readonly SimulatedRequests[]
  /** How long requests arrive, in milliseconds. */
  readonly durationMs: number
  /** How the endpoints work. One for all of them, or one each in the pool's order. Default: 10 ms. */
  readonly service?: SimulatedService | readonly SimulatedService[]
  readonly faults?: readonly SimulatedFault[]
  /** Of load and endpoints. The gateway's own chance is its own. Default 1. */
  readonly seed?: number
}

/**
 * Puts a pool under load in virtual time: the gateway's own stages decide, endpoints are simulated, nothing is sent.
 * Requests whose answers are open when the load ends are awaited for up to ten minutes of virtual time. Active
 * probes use the network and see nothing of the simulation.
 */
export function simulate(options: SimulationOptions): SimulationResult {
  const { gateway, time, durationMs, service = {}, faults = [], seed = 1 } = options
  const loads = [options.load].flat() as readonly SimulatedRequests[]
  const { snapshot } = gateway
  const { stages } = snapshot
  const chance = seededChance(seed)
  const pool = gateway.pool(options.pool)
  const record = new SimulationRecord(gateway, pool, time.now(), durationMs, loads.length)
  const upstreams = new Map(
    pool.endpoints.map((endpoint, index) => {
      const own = Array.isArray(service) ? (service[index] ?? {}) : service
      const its = faults.filter((fault) => fault.endpoint === undefined || fault.endpoint === index)
      return [endpoint, new SimulatedUpstream(endpoint, time, chance, own, its)]
    })
  )
  const pauses = new SimulatedPauses(time, faults, durationMs)
  const context = {
    time,
    pauses,
    pool,
    upstreamOf: ({ endpoint }: { endpoint: object }) => upstreams.get(endpoint as never) as SimulatedUpstream,
    attempted: record.attempted,
    report: (fault: unknown) => record.threw((fault as Error).cause),
    closed(exchange: Exchange) {
      record.closed(exchange)
      for (const observer of stages.exchangeObservers) {
        try {
          observer.closed(exchange)
        } catch (error) {
          record.threw(error)
        }
      }
    }
  }
  function begin(load: SimulatedRequests, place: number): void {
    const { perSecond, method = 'GET', fromMs = 0, untilMs = durationMs } = load
    // Stages read a request's head; all requests of one kind have the same one.
    const { raw, response, ingress } = fakeExchange({ method })
    const route = routeOf(gateway, pool, load.route)
    const timeouts = route?.timeouts ?? DEFAULT_TIMEOUTS

    function arrive(): void {
      const exchange = new Exchange('simulated', raw, response, snapshot, time.now(), '/', '', ingress)
      exchange.route = route
      exchange.pool = pool
      exchange.identity = load.identity ?? null
      record.arrived(exchange, place)
      const run = new SimulatedExchange(context, exchange, timeouts, load)
      admit(stages, exchange, (refusal) => {
        if (refusal === undefined) run.start()
        else {
          const { reason, statusCode } =
            refusal instanceof GatewayError
              ? refusal.known(snapshot.reasons)
              : new GatewayError('internal_error', { cause: refusal })
          run.refuse(reason, statusCode)
        }
      })
    }

    const endsAt = time.now() + Math.min(untilMs, durationMs)
    const gap = (): number => (-Math.log(1 - chance()) * 1_000) / perSecond
    const schedule = (delay: number): void => {
      const wait = delay + gap()
      if (time.now() + wait >= endsAt) return
      time.timers.after(wait, () => {
        pauses.arrive(arrive)
        schedule(0)
      })
    }
    schedule(fromMs)
  }

  loads.forEach(begin)
  time.advance(durationMs)
  for (let waited = 0; record.open > 0 && waited < 600_000; waited += 100) time.advance(100)
  for (const upstream of upstreams.values()) upstream.close()
  return record.result()
}

function routeOf({ snapshot }: Gateway, pool: Pool, id: string | undefined): Route | null {
  if (id === undefined) return snapshot.routes.find((route) => route.pool === pool) ?? null
  const found = snapshot.routes.find((route) => route.id === id)
  if (found?.pool !== pool) throw new InvalidValueError(`load.route '${id}'`, `a route of pool '${pool.id}'`)
  return found
}
