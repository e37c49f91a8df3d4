import type { Report } from '../attempts/stage-calls.js'
import type { Exchange } from '../model/exchange.js'
import type { ExchangeFacts, Fact, FactValue } from '../model/fact.js'
import { faultOf } from '../model/plugin-fault.js'
import { Registration, SNAKE_CASE } from './registration.js'

const CAMEL_CASE = /^[a-z][a-zA-Z0-9]*$/
const DOTTED = /^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*$/

/** All facts about exchanges: `gateway.facts`. Closed when the app becomes ready. */
export class FactRegistry {
  readonly #names = new Registration('fact', CAMEL_CASE, 'one word, or several in lower camel case')
  readonly #fields = new Registration('log field', SNAKE_CASE, 'lower case, its words joined by _')
  readonly #attributes = new Registration('attribute', DOTTED, 'lower case, its parts joined by dots')
  readonly #metrics: Registration
  readonly #report: Report
  readonly #all: Fact[] = []
  readonly #readers: ((fact: Fact) => void)[] = []

  /** `metrics`: names of metrics in use. `report` receives what readers throw. */
  constructor(metrics: Registration, report: Report) {
    this.#metrics = metrics
    this.#report = report
  }

  /** Adds a fact. Throws GW_REGISTRATION_INVALID for a wrong name, one that is there, or after the start. */
  add<Name extends keyof ExchangeFacts>(
    fact: Fact<Extract<ExchangeFacts[Name], FactValue>> & { readonly name: Name }
  ): void {
    const any = fact as unknown as Fact
    this.#names.take(any.name)
    if (any.log !== undefined) this.#fields.take(any.log)
    if (any.attribute !== undefined) this.#attributes.take(any.attribute)
    if (any.counter !== undefined) this.#metrics.take(any.counter.name)
    const safe: Fact = { ...any, read: this.#reader(any), ...(any.note && { note: this.#noter(any) }) }
    this.#all.push(safe)
    for (const reader of this.#readers) reader(safe)
  }

  /** Those that are added, in order. */
  get all(): readonly Fact[] {
    return this.#all
  }

  /** Calls `reader` with every fact that is added, by now or later. */
  each(reader: (fact: Fact) => void): void {
    this.#all.forEach(reader)
    this.#readers.push(reader)
  }

  /** The facts of an exchange by name, without those that have no value. */
  of(exchange: Exchange): Readonly<Partial<ExchangeFacts>> {
    const known: Record<string, FactValue> = {}
    for (const { name, read } of this.#all) {
      const value = read(exchange)
      if (value !== null) known[name] = value
    }
    return known
  }

  /** The gateway starts: nothing can be added any more. */
  close(): void {
    this.#names.close()
  }

  #reader(fact: Fact): Fact['read'] {
    const report = this.#report
    return function readFact(exchange) {
      try {
        const value: unknown = fact.read(exchange)
        return isValue(value) ? value : null
      } catch (error) {
        report(faultOf(`the fact '${fact.name}'`, error), exchange)
        return null
      }
    }
  }

  #noter({ name, note }: Fact): NonNullable<Fact['note']> {
    const report = this.#report
    return function noteFact(value) {
      try {
        return String(note?.(value) ?? '')
      } catch (error) {
        report(faultOf(`the fact '${name}'`, error), null)
        return ''
      }
    }
  }
}

function isValue(value: unknown): value is FactValue {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
}
