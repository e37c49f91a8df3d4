import type { Events, Exchange, Pool } from '@gatewright/core'

/** What an event has to do with. */
interface Concerned {
  readonly exchange?: Exchange
  readonly pool?: Pool
}

/** Told of what is worth a note. */
export interface NoteTaker {
  /** Something has happened to an exchange. */
  noted(exchange: Exchange, text: string, isFailure: boolean): void
  /** Something has happened that concerns exchanges of this pool, or all of them (`null`). */
  changed(pool: Pool | null, text: string, isFailure: boolean): void
}

/** Takes a note of every event whose owner has words for it. Listens from now on. */
export function takeNotes(events: Events, taker: NoteTaker): void {
  events.each((name, description) => {
    if (description.note === undefined) return
    events.on(name, (event) => {
      const text = description.note?.(event) ?? null
      if (text === null) return
      const { exchange, pool }: Concerned = event
      const isFailure = description.isFailure?.(event) ?? false
      if (exchange === undefined) taker.changed(pool ?? null, text, isFailure)
      else taker.noted(exchange, text, isFailure)
    })
  })
}
