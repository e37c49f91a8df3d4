import { allRoutes, type EventCounter, type Events, type InSteps, type Snapshot } from '@gatewright/core'
import { CounterFamily } from './counter.js'
import type { LabelCap } from './label-cap.js'

type Count = (...labels: string[]) => void

/** The counters of events, as each event's owner describes them. */
export class EventCounters {
  readonly #events: Events
  readonly #families = new Map<string, CounterFamily>()
  readonly #counts = new Map<EventCounter<object>, Count>()

  /** Counts what {@link count} is called with. All events must have been described. */
  constructor(events: Events, cap: LabelCap) {
    this.#events = events
    events.each((_name, { counters = [] }) => {
      for (const counter of counters) {
        const family = new CounterFamily(counter, cap)
        this.#families.set(counter.name, family)
        this.#counts.set(counter, counterOf(family))
      }
    })
  }

  get families(): readonly CounterFamily[] {
    return [...this.#families.values()]
  }

  count(counter: EventCounter<object>, event: object): void {
    const count = this.#counts.get(counter)
    if (count !== undefined) counter.read(event, count)
  }

  /** Shows zeros for what this configuration can lead to, in steps. */
  *beginAtZero(snapshot: Snapshot): InSteps<void> {
    const all = this.#events.zeros.map((one) => ({ ...one, begin: this.#beginOf(one.counter) }))
    for (const { zeros, begin } of all) {
      zeros?.(snapshot, begin)
      yield
    }
    for (const route of allRoutes(snapshot)) {
      for (const { zerosOf, begin } of all) zerosOf?.(route, snapshot, begin)
      yield
    }
  }

  #beginOf(counter: string): Count {
    const family = this.#families.get(counter)
    return (...labels) => void family?.at(...labels)
  }
}

function counterOf(family: CounterFamily): Count {
  return function count(...labels) {
    family.at(...labels).value++
  }
}
