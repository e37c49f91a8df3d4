import type { Events, Snapshot } from '@gatewright/core'
import { CounterFamily } from './counter.js'
import type { LabelCap } from './label-cap.js'

/** The counters of what parts of the gateway tell about, as each event's owner describes them. */
export class EventCounters {
  readonly #events: Events
  readonly #families = new Map<string, CounterFamily>()

  /** Counts from now on. */
  constructor(events: Events, cap: LabelCap) {
    this.#events = events
    events.each((name, { counters = [] }) => {
      for (const counter of counters) {
        const family = new CounterFamily(counter, cap)
        const count = counterOf(family)
        this.#families.set(counter.name, family)
        events.on(name, (event) => counter.read(event, count))
      }
    })
  }

  get families(): readonly CounterFamily[] {
    return [...this.#families.values()]
  }

  /** Shows zeros for what this configuration can lead to. */
  beginAtZero(snapshot: Snapshot): void {
    for (const { counter, zeros } of this.#events.zeros) {
      const family = this.#families.get(counter)
      if (family !== undefined)
        zeros(snapshot, (...labels) => {
          family.at(...labels)
        })
    }
  }
}

function counterOf(family: CounterFamily): (...labels: string[]) => void {
  return function count(...labels) {
    family.at(...labels).value++
  }
}
