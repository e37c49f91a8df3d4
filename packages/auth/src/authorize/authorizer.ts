import { type Exchange, type Gateway, show, toldError } from '@gatewright/core'
import type { AuthorizeOptions } from '../config/config.js'
import { callUser, type UserFunction } from '../user-function.js'
import { type Rule, ruleOf } from './rule.js'

/** What rules say of a request: `null` that it may go on, else which one does not hold, or that nobody could tell. */
export type Ruling = { readonly kind: 'forbidden' | 'unavailable'; readonly detail: string } | null

const TIMEOUT_MS = 5_000

/** The rules of an `authorize`: all of one, and of `any` one more. */
export class Authorizer {
  readonly #gateway: Gateway
  readonly #rule: Rule
  readonly #any: readonly Rule[]

  constructor(gateway: Gateway, { mode: _mode, any = [], ...rule }: AuthorizeOptions) {
    this.#gateway = gateway
    this.#rule = ruleOf(rule)
    this.#any = any.map(ruleOf)
  }

  /** The rules in words, for `explain()`. */
  get text(): string {
    const any = this.#any.map(textOf).join(' or ')
    return [textOf(this.#rule), any].filter((text) => text !== '').join('; ')
  }

  /** Calls `done` once: at once, unless a function returns a promise. */
  ask(exchange: Exchange, done: (ruling: Ruling) => void): void {
    this.#askRule(this.#rule, exchange, (ruling) => {
      if (ruling !== null || this.#any.length === 0) done(ruling)
      else this.#askAny(exchange, 0, done)
    })
  }

  #askAny(exchange: Exchange, from: number, done: (ruling: Ruling) => void, failed: Ruling = null): void {
    const rule = this.#any[from]
    if (rule === undefined)
      done(failed ?? { kind: 'forbidden', detail: `none of: ${this.#any.map(textOf).join(' or ')}` })
    else
      this.#askRule(rule, exchange, (ruling) => {
        if (ruling === null) done(null)
        else this.#askAny(exchange, from + 1, done, ruling.kind === 'unavailable' ? ruling : failed)
      })
  }

  #askRule({ conditions, check }: Rule, exchange: Exchange, done: (ruling: Ruling) => void): void {
    const broken = conditions.find((condition) => !condition.holds(exchange, exchange.identity))
    if (broken !== undefined) done({ kind: 'forbidden', detail: `not ${broken.text}` })
    else if (check === null) done(null)
    else this.#askFunction(check, exchange, done)
  }

  #askFunction(check: NonNullable<Rule['check']>, exchange: Exchange, done: (ruling: Ruling) => void): void {
    const asked: UserFunction<Ruling> = {
      call: () => check(exchange),
      judge: rulingOf,
      failed: (error) => this.#failed(error),
      late: () => ({ kind: 'unavailable', detail: `authorize.check: no answer within ${TIMEOUT_MS} ms` }),
      timeoutMs: TIMEOUT_MS
    }
    callUser(asked, this.#gateway.timers, done)
  }

  #failed(error: unknown): Ruling {
    this.#gateway.faults.warn('authorize.check', `failed: ${toldError(error)}`, error)
    return { kind: 'unavailable', detail: `authorize.check: ${toldError(error)}` }
  }
}

function textOf({ conditions, check }: Rule): string {
  const texts = conditions.map(({ text }) => text)
  if (check !== null) texts.push(`function ${check.name || 'without a name'}`)
  return texts.join(' and ')
}

function rulingOf(result: unknown): Ruling {
  if (result === true) return null
  if (result === false) return { kind: 'forbidden', detail: 'authorize.check returned false' }
  throw new TypeError(`returned ${show(result)} instead of true or false`)
}
