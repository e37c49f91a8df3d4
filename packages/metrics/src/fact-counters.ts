import { type Exchange, type ExchangeObserver, type Fact, NO_LABEL } from '@gatewright/core'
import { CounterFamily } from './counter.js'
import type { LabelCap } from './label-cap.js'

interface Counted {
  readonly fact: Fact
  readonly family: CounterFamily
}

/** Counts requests by the facts that features have found out about them. */
export class FactCounters implements ExchangeObserver {
  readonly #counted: readonly Counted[]

  /** Counts by those of these facts that say how. */
  constructor(cap: LabelCap, facts: readonly Fact[]) {
    this.#counted = facts.flatMap((fact) => {
      if (fact.counter === undefined) return []
      const { name, help, label } = fact.counter
      return { fact, family: new CounterFamily({ name, help, labels: ['route', label] }, cap) }
    })
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
