import type { ConnectionSettings } from '@gatewright/core'

/** How far a client may be ahead of the minimum rate: sent data earns it a pause up to this long. */
const MOST_AHEAD_MS = 10_000

/** However long a client has paused before, it is not waited for any longer. */
const LONGEST_PAUSE_MS = 30_000

/** A client that is sending its body. */
export interface BodyPace {
  /** Since when the client's next bytes are waited for; 0: they are not. */
  readonly waitedSince: number
  /** Bytes that have come. */
  readonly received: number
}

/** A client that takes no more of its response for now. */
export interface ResponsePace {
  readonly waitedSince: number
  /** How long it took nothing the last time, in milliseconds. */
  readonly pauseMs: number
}

/** How the client of a connection keeps up. */
export type ClientPace = BodyPace | ResponsePace

/** Who has a connection. */
export interface Holder {
  /** `null` while the connection does not wait for the client. */
  clientPace(): ClientPace | null
}

interface Sent {
  /** What had come when the client was looked at last. */
  received: number
  /** The time until which the data sent so far suffices. */
  enoughUntil: number
}

/**
 * Which connections only wait for clients that hardly move, while requests wait for a connection. Looked at as long as
 * one does, so that clients cost nothing before.
 *
 * A client that sends has to send `minRate` bytes a second on average; the time in which the upstream is waited for does
 * not count. One that takes its response is not measured in bytes, as the buffers on the way take megabytes for it: it may
 * pause for twice as long as the last time.
 */
export class SlowClients<T extends Holder> {
  /** How long a client may hold a connection up before its pace counts, in milliseconds. */
  readonly graceMs: number
  readonly #bytesPerMs: number
  readonly #sent = new WeakMap<T, Sent>()

  constructor({ minRate, queueTimeoutMs }: Pick<ConnectionSettings, 'minRate' | 'queueTimeoutMs'>) {
    this.#bytesPerMs = minRate / 1_000
    this.graceMs = Math.min(queueTimeoutMs || 1_000, MOST_AHEAD_MS) / 2
  }

  /** How long a request has to have waited before a connection is taken back for it, in milliseconds. */
  get patienceMs(): number {
    return this.graceMs / 2
  }

  /** How often to look, in milliseconds, while a request waits; 0 for never. */
  get everyMs(): number {
    return this.#bytesPerMs === 0 ? 0 : Math.ceil(this.graceMs / 5)
  }

  /** Those that have been too slow for longest, at most `most` of them. */
  find(holders: Iterable<T>, most: number, now: number): T[] {
    const slow: { readonly holder: T; readonly until: number }[] = []
    for (const holder of holders) {
      const pace = holder.clientPace()
      if (pace === null) continue
      const until = 'received' in pace ? this.#sentEnoughUntil(holder, pace, now) : this.#mayPauseUntil(pace)
      if (pace.waitedSince > 0 && until <= now) slow.push({ holder, until })
    }
    slow.sort((one, other) => one.until - other.until)
    return slow.slice(0, most).map(({ holder }) => holder)
  }

  #mayPauseUntil({ waitedSince, pauseMs }: ResponsePace): number {
    return waitedSince + Math.max(this.graceMs, Math.min(2 * pauseMs, LONGEST_PAUSE_MS))
  }

  #sentEnoughUntil(holder: T, { waitedSince, received }: BodyPace, now: number): number {
    const sent = this.#sent.get(holder) ?? { received: 0, enoughUntil: 0 }
    const paidMs = (received - sent.received) / this.#bytesPerMs
    sent.received = received
    sent.enoughUntil = Math.max(sent.enoughUntil, waitedSince + this.graceMs)
    if (paidMs > 0) sent.enoughUntil = Math.min(sent.enoughUntil + paidMs, now + MOST_AHEAD_MS)
    this.#sent.set(holder, sent)
    return sent.enoughUntil
  }
}
