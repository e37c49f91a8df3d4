import { type Exchange, type ExchangeObserver, type Fact, NO_LABEL } from '@gatewright/core'
import { CounterFamily } from './counter.js'
import type { LabelCap } from './label-cap.js'

interface Counted {
  readonly fact: Fact
  readonly family: CounterFamily
}

/** Counts requests by the facts that features have found out about them. */
export class FactCounters implements ExchangeObserver {
  readonly #cap: LabelCap
  readonly #counted: Counted[] = []

  constructor(cap: LabelCap) {
    this.#cap = cap
  }

  /** Counts by this fact from now on. Returns whether it is to be counted at all. */
  add(fact: Fact): boolean {
    if (fact.counter === undefined) return false
    const { name, help, label } = fact.counter
    const family = new CounterFamily({ name, help, labels: ['route', label] }, this.#cap)
    this.#counted.push({ fact, family })
    return true
  }

  get families(): readonly CounterFamily[] {
    return this.#counted.map(({ family }) => family)
  }

  closed(exchange: Exchange): void {
    for (const { fact, family } of this.#counted) {
      const value = fact.read(exchange)
      if (value !== null) family.at(exchange.route?.id ?? NO_LABEL, String(value)).value++
    }
  }
}
