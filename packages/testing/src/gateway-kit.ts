import { setImmediate } from 'node:timers/promises'
import type {
  AttemptRecord,
  Chance,
  Clock,
  Exchange,
  ExchangeObserver,
  Gateway,
  GatewayEvents,
  Reason,
  Timers,
  TransportFactory
} from '@gatewright/core'
import { ScriptedUpstream } from './scripted-upstream.js'
import { seededChance } from './seeded-chance.js'
import { type VirtualTime, virtualTime } from './virtual-time.js'

/** An app with a gateway: a Fastify app, or what `createGateway` makes. */
export type KitGateway = KitApp | { readonly app: KitApp }

/** What the kit needs of a Fastify app. */
export interface KitApp {
  readonly gateway: Gateway
  ready(): PromiseLike<unknown>
  inject(request: { method: never; url: string; headers?: never; payload?: never }): PromiseLike<KitResponse>
}

/** What the kit reads of an injected request's answer. */
export interface KitResponse {
  readonly statusCode: number
  readonly headers: object
  readonly body: string
  readonly raw: { readonly req: object }
}

/** What `createGateway` takes as its second argument. */
export interface KitSeams {
  readonly clock: Clock
  readonly timers: Timers
  readonly chance: Chance
  readonly transport: TransportFactory
}

/** A request of a test. */
export interface KitRequest {
  /** Default `GET`. */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** What a test gets for a request. */
export interface KitResult {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
  readonly attempts: readonly AttemptRecord[]
  /** Why the gateway itself answered; `null` when it did not. */
  readonly reason: Reason | null
  readonly exchange: Exchange
  /** In milliseconds of virtual time. */
  readonly elapsedMs: number
}

/** One event of a gateway, as it was emitted. */
export type KitEvent = {
  [Name in keyof GatewayEvents]: { readonly name: Name; readonly event: GatewayEvents[Name] }
}[keyof GatewayEvents]

/** Settings of {@link gatewayKit}. */
export interface GatewayKitOptions {
  /** Of the gateway's chance. Default 1. */
  readonly seed?: number
  /** How much virtual time a request may take, in milliseconds. Default 600000. */
  readonly patienceMs?: number
}

// Bodies and hooks need some turns of the event loop between two moments of virtual time.
const TURNS = 6

/** The real pipeline in one process: scripted upstreams in place of sockets, virtual time, seeded chance. */
export class GatewayKit {
  readonly time: VirtualTime = virtualTime()
  /** To be passed to `createGateway(config, kit.seams)`. */
  readonly seams: KitSeams
  /** Events of the gateways since their first request here, in order. */
  readonly events: KitEvent[] = []
  /** All attempts of all requests that are over, in order. */
  readonly attempts: AttemptRecord[] = []
  readonly #patienceMs: number
  readonly #upstreams = new Map<string, ScriptedUpstream>()
  readonly #watched = new WeakSet<Gateway>()
  readonly #exchanges = new WeakMap<object, Exchange>()

  constructor({ seed = 1, patienceMs = 600_000 }: GatewayKitOptions = {}) {
    this.#patienceMs = patienceMs
    this.seams = {
      clock: this.time.clock,
      timers: this.time.timers,
      chance: seededChance(seed),
      transport: ({ url }) => this.upstream(url).connect()
    }
  }

  /** The upstream at this endpoint's URL; always the same one. */
  upstream(url: string): ScriptedUpstream {
    const known = this.#upstreams.get(url.replace(/\/$/, ''))
    if (known !== undefined) return known
    const made = new ScriptedUpstream(this.time.timers)
    this.#upstreams.set(url.replace(/\/$/, ''), made)
    return made
  }

  /** Sends a request, and lets virtual time pass until it is answered. Rejects when that takes too long. */
  async request(gateway: KitGateway, path: string, options: KitRequest = {}): Promise<KitResult> {
    const app = 'app' in gateway ? gateway.app : gateway
    await app.ready()
    this.#watch(app.gateway)
    const { method = 'GET', headers = {}, body } = options
    const request = { method, url: path, headers, ...(body === undefined ? {} : { payload: body }) }
    let settled = false
    const answered = Promise.resolve(app.inject(request as never)).finally(() => {
      settled = true
    })
    // Awaited below, and must not be unhandled until then.
    answered.catch(() => {})
    await this.#pass(() => settled, `no answer to ${method} ${path}`)
    const answer = await answered
    const { req } = answer.raw
    await this.#pass(() => this.#exchanges.has(req), `no exchange for ${method} ${path}`)
    const exchange = this.#exchanges.get(req) as Exchange
    return {
      status: answer.statusCode,
      headers: { ...answer.headers },
      body: answer.body,
      attempts: exchange.attempts,
      reason: exchange.reason,
      exchange,
      elapsedMs: exchange.endedAt - exchange.startedAt
    }
  }

  /** Lets virtual time pass in steps, with turns of the event loop between them: for timers that start real work. */
  async advance(ms: number): Promise<void> {
    const until = this.time.now() + ms
    for (;;) {
      await turns()
      const next = this.time.nextAt()
      if (next > until) break
      this.time.advance(next - this.time.now())
    }
    this.time.advance(until - this.time.now())
    await turns()
  }

  async #pass(done: () => boolean, what: string): Promise<void> {
    const until = this.time.now() + this.#patienceMs
    for (;;) {
      await turns()
      if (done()) return
      const next = this.time.nextAt()
      if (next > until) throw new Error(`${what} within ${this.#patienceMs} ms of virtual time`)
      this.time.advance(next - this.time.now())
    }
  }

  #watch(gateway: Gateway): void {
    if (this.#watched.has(gateway)) return
    this.#watched.add(gateway)
    const observer: ExchangeObserver = {
      closed: (exchange) => {
        this.#exchanges.set(exchange.raw, exchange)
        this.attempts.push(...exchange.attempts)
      }
    }
    gateway.observe(observer)
    gateway.events.each((name) => {
      gateway.events.on(name, (event) => this.events.push({ name, event } as KitEvent))
    })
  }
}

/** Makes a kit: one line of time, and the upstreams on it. */
export function gatewayKit(options?: GatewayKitOptions): GatewayKit {
  return new GatewayKit(options)
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await setImmediate()
}
