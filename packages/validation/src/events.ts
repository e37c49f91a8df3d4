import type { Events, Exchange, Route } from '@gatewright/core'
import type { Part } from './invalid.js'
import { checksRequests, REQUEST_INVALID, RESPONSE_INVALID, validationOf } from './reasons.js'
import { HEAD_PARTS } from './settings.js'

/** A part of a request or response is not valid, or could not be checked. */
export interface Checked {
  readonly exchange: Exchange
  readonly part: Part
  readonly outcome: 'invalid' | 'unchecked'
  /** The first problem, or why it was not checked. */
  readonly because: string
}

declare module '@gatewright/core' {
  interface GatewayEvents {
    validation: Checked
  }
}

/** Says how what is found is counted and noted. */
export function describeValidation(events: Events): void {
  events.describe('validation', {
    note: ({ outcome, because }) =>
      outcome === 'invalid' ? `not valid: ${because}` : `not checked: ${because}`,
    span: true,
    counters: [
      {
        name: 'proxy_validation_total',
        labels: ['route', 'part', 'outcome'],
        help: 'Parts of requests and responses that were not valid (invalid), or could not be checked (unchecked).',
        read({ exchange, part, outcome }, count) {
          if (exchange.route !== null) count(exchange.route.id, part, outcome)
        },
        zerosOf(route, _snapshot, count) {
          for (const part of partsOf(route)) count(route.id, part, 'invalid')
        }
      }
    ]
  })
  events.beginAtZero('proxy_observed_total', (route, _snapshot, count) => {
    const config = validationOf(route)
    if (config === null) return
    if (config.mode === 'observe' && checksRequests(config)) count(route.id, REQUEST_INVALID.name)
    if (config.response !== undefined && config.response.mode !== 'enforce')
      count(route.id, RESPONSE_INVALID.name)
  })
}

function partsOf(route: Route): Part[] {
  const config = validationOf(route)
  if (config === null) return []
  const parts: Part[] = HEAD_PARTS.filter((part) => config[part] !== undefined)
  if (config.body !== undefined) parts.push('body')
  if (config.response !== undefined) parts.push('response')
  return parts
}
