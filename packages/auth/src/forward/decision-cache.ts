import { hash } from 'node:crypto'
import type { Clock, Exchange } from '@gatewright/core'
import { BoundedMap } from '../tokens/bounded-map.js'
import type { Decision } from './decision.js'

interface Known {
  readonly decision: Decision
  readonly untilMs: number
}

/** Decisions of a service, by what they depend on. */
export class DecisionCache {
  readonly #clock: Clock
  // Apart, so that requests that are refused do not push out those that are allowed.
  readonly #allowed: BoundedMap<Known>
  readonly #refused: BoundedMap<Known>

  constructor(clock: Clock, maxEntries: number) {
    this.#clock = clock
    this.#allowed = new BoundedMap(maxEntries)
    this.#refused = new BoundedMap(maxEntries)
  }

  find(key: string): Decision | null {
    const known = this.#allowed.get(key) ?? this.#refused.get(key)
    return known !== undefined && this.#clock() < known.untilMs ? known.decision : null
  }

  add(key: string, decision: Decision, ms: number): void {
    if (ms <= 0) return
    const known = { decision, untilMs: this.#clock() + ms }
    if (decision.kind === 'answered') this.#refused.set(key, known)
    else this.#allowed.set(key, known)
  }
}

/** What a request's decision depends on, as one text. */
export function decisionKey(exchange: Exchange, by: readonly string[]): string {
  const parts = by.map((name) => partOf(exchange, name))
  return hash('sha256', JSON.stringify(parts), 'base64url')
}

function partOf({ method, host, path, query, ingress, raw }: Exchange, name: string): unknown {
  switch (name) {
    case ':method':
      return method
    case ':host':
      return host
    case ':path':
      return path
    case ':query':
      return query
    case ':client':
      return ingress.client
    default:
      // Every copy of it, as the service gets them.
      return raw.rawHeaders.filter(
        (_, index) => index % 2 === 1 && raw.rawHeaders[index - 1]?.toLowerCase() === name
      )
  }
}
