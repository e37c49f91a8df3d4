import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type EventDescription, Events, type GatewayEvents } from '@gatewright/core'
import { fakeExchange } from '@gatewright/testing'
import { describeRetryEvents } from './events.js'

function described<Name extends keyof GatewayEvents>(name: Name): EventDescription<GatewayEvents[Name]> {
  const events = new Events()
  const all = new Map<string, EventDescription<never>>()
  describeRetryEvents(events)
  events.each((other, description) => all.set(other, description as EventDescription<never>))
  return all.get(name) as EventDescription<GatewayEvents[Name]>
}

test('retries and hedges are put into words, but for a success', () => {
  const exchange = fakeExchange()
  const retry = described('retry')
  assert.deepEqual(
    (['again', 'success', 'exhausted', 'budget'] as const).map((outcome) =>
      retry.note?.({ exchange, outcome, delayMs: 1.6 })
    ),
    ['retry after 2 ms backoff', null, 'no retry: all attempts were made', 'no retry: the budget is spent']
  )
  const hedge = described('hedge')
  assert.deepEqual(
    (['sent', 'won', 'lost', 'budget'] as const).map((outcome) => hedge.note?.({ exchange, outcome })),
    [
      'hedge: no response yet, so a second attempt starts in parallel',
      'the response of the hedge is used',
      'the response of another attempt is used',
      'no hedge: the budget is spent'
    ]
  )
})
