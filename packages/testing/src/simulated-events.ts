import type { Exchange, Gateway, GatewayEvents, Pool } from '@gatewright/core'

/** An event by its name, which a plugin may or may not emit. */
export type EventOf<Name extends string> = Name extends keyof GatewayEvents ? GatewayEvents[Name] : never

/** An event and its time. */
export type Timed<Event> = Event & { /** Milliseconds after the beginning. */ readonly atMs: number }

type AnyEvent = Timed<{ readonly exchange?: Exchange; readonly pool?: Pool; readonly outcome?: string }>

/** Collects the events of one pool and its requests. */
export class SimulatedEvents {
  readonly #told = new Map<string, AnyEvent[]>()
  readonly #stop: (() => void)[] = []

  constructor({ events, clock }: Gateway, pool: Pool, startedAt: number) {
    events.each((name) => {
      const told: AnyEvent[] = []
      this.#told.set(name, told)
      const stop = events.on(name, (event: Omit<AnyEvent, 'atMs'>) => {
        if ((event.exchange ?? event).pool === pool) told.push({ ...event, atMs: clock() - startedAt })
      })
      this.#stop.push(stop)
    })
  }

  /** All events of this name, in order. */
  of<Name extends string>(name: Name): readonly Timed<EventOf<Name>>[] {
    return (this.#told.get(name) ?? []) as readonly object[] as readonly Timed<EventOf<Name>>[]
  }

  /** How often events of this name had each outcome. */
  outcomes(name: string): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const { outcome = '' } of this.#told.get(name) ?? []) counts[outcome] = (counts[outcome] ?? 0) + 1
    return counts
  }

  stop(): void {
    for (const stop of this.#stop) stop()
  }
}
