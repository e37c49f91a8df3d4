import type { Events, Exchange, Gateway, GatewayError, Route } from '@gatewright/core'
import type { TransformConfig } from '../config/config.js'
import { transformKey } from '../keys.js'
import type { Direction } from '../template/variables.js'
import { REQUEST_TRANSFORM_FAILED, RESPONSE_TRANSFORM_FAILED } from './reasons.js'

/** What JSON operations that only observe would have done to a body. */
export type JsonOutcome = 'changed' | 'unchanged' | 'failed' | 'unchecked'

/** JSON operations in `mode: 'observe'` have looked at a body, or could not. */
export interface JsonObserved {
  readonly exchange: Exchange
  readonly message: Direction
  readonly outcome: JsonOutcome
  /** How much would have been changed, what it would have failed with, or why it was not looked at. */
  readonly because: string
}

declare module '@gatewright/core' {
  interface GatewayEvents {
    json_observed: JsonObserved
  }
}

/** Says how what is observed is counted and noted. */
export function describeJsonObserved(events: Events): void {
  events.describe('json_observed', {
    note: ({ message, outcome, because }) =>
      outcome === 'unchecked' ? `JSON of the ${message} was not looked at: ${because}` : null,
    counters: [
      {
        name: 'proxy_json_observed_total',
        labels: ['route', 'message', 'outcome'],
        help: "Bodies of which JSON transforms in mode 'observe' have told what they would have done: changed, unchanged, failed, or unchecked.",
        read: ({ exchange, message, outcome }, count) => {
          if (exchange.route !== null) count(exchange.route.id, message, outcome)
        },
        zerosOf(route, { config }, count) {
          for (const message of observedOf(route, config.transform))
            for (const outcome of ['changed', 'failed']) count(route.id, message, outcome)
        }
      }
    ]
  })
  events.beginAtZero('proxy_observed_total', (route, { config }, count) => {
    for (const message of observedOf(route, config.transform))
      count(route.id, (message === 'request' ? REQUEST_TRANSFORM_FAILED : RESPONSE_TRANSFORM_FAILED).name)
  })
}

function observedOf(route: Route, ofAll: TransformConfig | undefined): Direction[] {
  const own = route.given(transformKey.name) as TransformConfig | undefined
  if (own === false) return []
  return (['request', 'response'] as const).filter((message) =>
    [ofAll, own].some((one) => {
      const json = one === undefined || one === false ? undefined : one[message]?.json
      return json !== undefined && 'operations' in json && json.mode === 'observe'
    })
  )
}

/** Tells what operations that only observe would have done. */
export class JsonObserver {
  readonly #events: Gateway['events']

  constructor({ events }: Pick<Gateway, 'events'>) {
    this.#events = events
  }

  /** Of `total` bodies, lines or events, so many would have been changed. */
  looked(exchange: Exchange, message: Direction, changed: number, total: number): void {
    const because = `${changed} of ${total} would have been changed`
    this.#tell(exchange, message, changed === 0 ? 'unchanged' : 'changed', because)
    if (changed > 0)
      this.#events.emit('observed', { exchange, reason: null, because: `JSON of the ${message}: ${because}` })
  }

  /** The body would have been refused, or cut off. */
  failed(exchange: Exchange, message: Direction, { reason, detail }: Failure): void {
    this.#tell(exchange, message, 'failed', detail)
    exchange.observe(reason)
    this.#events.emit('observed', { exchange, reason, because: `JSON of the ${message}: ${detail}` })
  }

  /** The body could not be looked at. */
  unchecked(exchange: Exchange, message: Direction, because: string): void {
    this.#tell(exchange, message, 'unchecked', because)
  }

  #tell(exchange: Exchange, message: Direction, outcome: JsonOutcome, because: string): void {
    this.#events.emit('json_observed', { exchange, message, outcome, because })
  }
}

/** What a body would have been answered with. */
type Failure = Pick<GatewayError, 'reason' | 'detail'>
