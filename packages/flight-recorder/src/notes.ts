import type { EventDescription, Events, Exchange, GatewayEvents, Pool } from '@gatewright/core'

/** What an event has to do with. */
interface Concerned {
  readonly exchange?: Exchange
  readonly pool?: Pool
}

/** Receives notes. */
export interface NoteTaker {
  /** Something has happened to an exchange. */
  noted(exchange: Exchange, text: string, isFailure: boolean): void
  /** Something has happened that concerns exchanges of this pool, or all of them (`null`). */
  changed(pool: Pool | null, text: string, isFailure: boolean): void
}

type Noted = readonly [name: keyof GatewayEvents, description: EventDescription<object>]

/** Takes notes of events whose owners have words for them. */
export class Notes {
  readonly #events: Events
  readonly #taker: NoteTaker
  readonly #noted: Noted[] = []
  #stops: (() => void)[] | null = null

  constructor(events: Events, taker: NoteTaker) {
    this.#events = events
    this.#taker = taker
    events.each((name, description) => {
      if (description.note !== undefined) this.#noted.push([name, description])
    })
  }

  /** Starts listening. While it does not listen, no event is built for it. */
  start(): void {
    this.#stops ??= this.#noted.map(([name, description]) =>
      this.#events.on(name, (event) => this.#take(event, description))
    )
  }

  stop(): void {
    for (const stop of this.#stops ?? []) stop()
    this.#stops = null
  }

  #take(event: object, description: EventDescription<object>): void {
    const text = description.note?.(event) ?? null
    if (text === null) return
    const { exchange, pool }: Concerned = event
    const isFailure = description.isFailure?.(event) ?? false
    if (exchange === undefined) this.#taker.changed(pool ?? null, text, isFailure)
    else this.#taker.noted(exchange, text, isFailure)
  }
}
