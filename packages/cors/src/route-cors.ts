import {
  addVary,
  type Exchange,
  type Gateway,
  GatewayError,
  preflightMethod,
  printable,
  type Route,
  toldError
} from '@gatewright/core'
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import {
  type Asked,
  addAllowed,
  addExposed,
  addPreflight,
  allowedMethods,
  PREFLIGHT_VARY,
  removeOwned
} from './fields.js'
import { ORIGIN_NOT_ALLOWED } from './reasons.js'
import { isSameOrigin } from './same-origin.js'
import type { CorsSettings } from './settings.js'

/** What is known of a request of another origin. */
export type CorsVerdict = 'preflight' | 'allowed' | 'not_allowed'

type SendDone = (error?: Error | null, payload?: unknown) => void

/** What a route's CORS needs of the gateway. */
export interface CorsContext {
  readonly gateway: Pick<Gateway, 'events' | 'faults'>
  /** The slot of exchanges with the {@link CorsVerdict}. */
  readonly slot: number
}

/** CORS of one route, or of what no route takes. */
export class RouteCors {
  readonly #settings: CorsSettings
  readonly #context: CorsContext
  readonly #methods: string | null
  readonly #native: boolean
  readonly #name: string

  constructor(settings: CorsSettings, route: Route | null, context: CorsContext) {
    this.#settings = settings
    this.#context = context
    this.#native = route !== null && route.match === null
    this.#methods = allowedMethods(settings, methodsOf(route))
    this.#name = route === null ? 'what no route takes' : `route ${route.id}`
  }

  /** An `onRequest` step: answers preflights, and refuses where the settings say so. */
  admit(
    exchange: Exchange,
    request: FastifyRequest,
    reply: FastifyReply,
    done: HookHandlerDoneFunction
  ): void {
    const { origin } = request.raw.headers
    if (origin === undefined) {
      done()
      return
    }
    const allowed = this.#allows(origin, exchange)
    if (typeof allowed === 'boolean') this.#settle(allowed, exchange, reply, done)
    else allowed.then((is) => this.#settle(is, exchange, reply, done)).catch(done)
  }

  /** An `onSend` step: every response, errors too, says who may read it. */
  tell(exchange: Exchange, reply: FastifyReply, done: SendDone): void {
    const { origins } = this.#settings
    const { origin } = exchange.headers
    removeOwned(reply)
    const asked = this.#asked(exchange)
    if (asked !== '') addVary(reply, PREFLIGHT_VARY)
    else if (!origins.all) addVary(reply, 'Origin')
    if (origin === undefined) {
      // A cache may give the response to a page later.
      if (origins.all) this.#allow(exchange, reply, 'allowed', '')
      done()
      return
    }
    const known = exchange.slot(this.#context.slot) as CorsVerdict | undefined
    if (known !== undefined) {
      this.#allow(exchange, reply, known, asked)
      done()
      return
    }
    // It was refused before its origin was looked at, by a limit for instance.
    const allowed = this.#allows(origin, exchange)
    if (typeof allowed === 'boolean') {
      this.#allow(exchange, reply, allowed ? 'allowed' : 'not_allowed', asked)
      done()
    } else
      allowed
        .then((is) => this.#allow(exchange, reply, is ? 'allowed' : 'not_allowed', asked))
        .then(() => done(), done)
  }

  #allow(exchange: Exchange, reply: FastifyReply, verdict: CorsVerdict, asked: string): void {
    if (verdict === 'not_allowed') return
    const { headers } = exchange
    addAllowed(reply, this.#settings, headers.origin ?? '')
    if (verdict === 'allowed') {
      addExposed(reply, this.#settings)
      return
    }
    addPreflight(reply, this.#settings, this.#methods, {
      method: asked,
      headers: headers['access-control-request-headers'] ?? '',
      privateNetwork: headers['access-control-request-private-network'] === 'true'
    } satisfies Asked)
  }

  #settle(allowed: boolean, exchange: Exchange, reply: FastifyReply, done: HookHandlerDoneFunction): void {
    const { observe, refuseOthers } = this.#settings
    const { slot } = this.#context
    const asked = this.#asked(exchange)
    if (allowed) {
      exchange.setSlot(slot, asked === '' || observe ? 'allowed' : 'preflight')
      if (asked === '' || observe) done()
      else reply.code(204).send()
      return
    }
    exchange.setSlot(slot, 'not_allowed')
    if (asked === '' && (!refuseOthers || isSameOrigin(exchange))) done()
    else this.#refuse(exchange, done)
  }

  #refuse(exchange: Exchange, done: HookHandlerDoneFunction): void {
    const { events } = this.#context.gateway
    const because = `origin '${printable(String(exchange.headers.origin), 200)}'`
    const reason = ORIGIN_NOT_ALLOWED.name
    if (this.#settings.observe) {
      exchange.observe(reason)
      events.emit('observed', { exchange, reason, because })
      done()
      return
    }
    events.emit('rejected', { exchange, reason, because })
    done(new GatewayError(ORIGIN_NOT_ALLOWED, { detail: because }))
  }

  // A native route that takes OPTIONS gets its preflights from Fastify, and one that only observes from whoever takes them.
  #asked(exchange: Exchange): string {
    return this.#native || this.#settings.observe ? preflightMethod(exchange) : exchange.preflightMethod
  }

  #allows(origin: string, exchange: Exchange): boolean | Promise<boolean> {
    try {
      const allowed: unknown = this.#settings.origins.allows(origin, exchange)
      if (typeof allowed === 'boolean') return allowed
      if (typeof (allowed as Promise<unknown> | null)?.then === 'function')
        return (allowed as Promise<unknown>).then(
          (is) => (typeof is === 'boolean' ? is : this.#blame(notBoolean(is))),
          (error) => this.#blame(error)
        )
      return this.#blame(notBoolean(allowed))
    } catch (error) {
      return this.#blame(error)
    }
  }

  #blame(error: unknown): false {
    this.#context.gateway.faults.warn(`cors.origins of ${this.#name}`, `failed: ${toldError(error)}`, error)
    return false
  }
}

function notBoolean(value: unknown): TypeError {
  return new TypeError(`returned ${typeof value}, not true or false`)
}

// A native route is known by its source: `GET,HEAD /users/:id`.
function methodsOf(route: Route | null): readonly string[] | null {
  if (route === null) return null
  if (route.match !== null) return route.match.methods
  return (route.source.split(' ')[0] ?? '').split(',').filter((method) => method !== 'OPTIONS')
}
