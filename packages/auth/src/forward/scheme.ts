import {
  didYouMean,
  type Exchange,
  GatewayError,
  type Pool,
  type PoolCall,
  toldError
} from '@gatewright/core'
import type { ForwardSchemeConfig } from '../config/config.js'
import { type Outcome, type Scheme, type SchemeContext, type SchemeKind, unavailable } from '../scheme.js'
import { checkForward } from './check.js'
import { type Decision, decisionOf, lifetimeOf, setsIn } from './decision.js'
import { DecisionCache, decisionKey } from './decision-cache.js'
import { type ForwardSettings, forwardSettings } from './settings.js'

/** A scheme that asks a service over HTTP: forward auth. */
export const forwardKind: SchemeKind<ForwardSchemeConfig> = {
  type: 'forward',
  check: checkForward,
  *writes({ responseHeaders = [] }) {
    // Others than forward auth need the client's Authorization.
    for (const name of responseHeaders) if (!/^authorization$/i.test(name)) yield name.toLowerCase()
  },
  create: (config, context) => new ForwardScheme(config, context)
}

class ForwardScheme implements Scheme {
  readonly name: string
  // What would do, the service says itself.
  readonly challenge = ''
  readonly limitsItself = true
  readonly #context: SchemeContext
  readonly #settings: ForwardSettings
  readonly #pool: Pool
  readonly #cache: DecisionCache | null

  constructor(config: ForwardSchemeConfig, context: SchemeContext) {
    const settings = forwardSettings(config)
    const { pools, called } = context.next
    const pool = pools.get(config.pool)
    this.name = context.name
    this.#context = context
    this.#settings = settings
    if (pool === undefined)
      context.problems.push(
        `${context.at}.pool: there is no pool '${config.pool}'${didYouMean(config.pool, pools.keys())}`
      )
    else called.add(pool.id)
    this.#pool = pool as Pool
    const { cache } = settings
    this.#cache =
      cache === null
        ? null
        : context.keep(
            `decisions ${JSON.stringify(config)}`,
            () => new DecisionCache(context.gateway.clock, cache.maxEntries)
          )
  }

  authenticate(exchange: Exchange, done: (outcome: Outcome) => void): void {
    const { cache, bodyBytes } = this.#settings
    const key = cache === null ? '' : decisionKey(exchange, cache.by)
    const known = this.#cache?.find(key) ?? null
    if (known !== null) done(this.#outcomeOf(known))
    else if (bodyBytes === 0 || !exchange.ingress.hasBody) this.#ask(exchange, null, key, done)
    else
      exchange.buffer(bodyBytes).then(
        (body) => this.#ask(exchange, body, key, done),
        (error) => done({ kind: 'error', error: asError(error) })
      )
  }

  #ask(exchange: Exchange, body: Buffer | null, key: string, done: (outcome: Outcome) => void): void {
    if (exchange.endedAt > 0) return
    let answered = false
    const calling = this.#context.gateway.callPool(
      exchange,
      this.#callFor(exchange, body),
      (error, response) => {
        answered = true
        exchange.inProgress = null
        const decision =
          error !== null
            ? unavailable(
                `pool '${this.#pool.id}': ${error.reason}${error.detail === '' ? '' : `: ${error.detail}`}`
              )
            : decisionOf(response as NonNullable<typeof response>, this.#settings)
        if (decision.kind !== 'unavailable') {
          this.#cache?.add(
            key,
            decision,
            lifetimeOf(decision, response as NonNullable<typeof response>, this.#settings)
          )
          done(this.#outcomeOf(decision))
        } else if (this.#settings.failOpen)
          done({ kind: 'passed', sets: setsIn([], this.#settings), because: decision.detail })
        else done(decision)
      }
    )
    if (!answered) exchange.inProgress = calling
  }

  #outcomeOf(decision: Decision): Outcome {
    if (decision.kind === 'answered') return decision
    const { found, sets } = decision
    if (found === null) return { kind: 'passed', sets, because: null }
    return { kind: 'identified', identity: this.#context.identify(found), removes: [], sets }
  }

  #callFor(exchange: Exchange, body: Buffer | null): PoolCall {
    const { path, appendPath, method, timeoutMs, maxResponseBytes } = this.#settings
    const own = exchange.path + exchange.query
    return {
      pool: this.#pool,
      method: method === 'same' ? exchange.method : method,
      path: appendPath ? path.replace(/\/$/, '') + own : path,
      headers: [...this.#headersFor(exchange)],
      body,
      timeoutMs,
      maxBytes: maxResponseBytes
    }
  }

  *#headersFor(exchange: Exchange): Iterable<string> {
    const { ingress, method, path, query } = exchange
    const { requestHeaders } = this.#settings
    for (let index = 0; index < ingress.headers.length; index += 2) {
      const name = ingress.headers[index] as string
      if (requestHeaders.has(name.toLowerCase())) yield* [name, ingress.headers[index + 1] as string]
    }
    yield* ['x-forwarded-method', method, 'x-forwarded-proto', ingress.proto, 'x-forwarded-uri', path + query]
    const host = ingress.forwardedHost || ingress.authority
    if (host !== '') yield* ['x-forwarded-host', host]
    if (ingress.client !== '') yield* ['x-forwarded-for', ingress.client]
  }
}

function asError(error: unknown): GatewayError {
  return error instanceof GatewayError
    ? error
    : new GatewayError('internal_error', { detail: toldError(error), cause: error })
}
