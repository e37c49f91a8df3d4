import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventDescription } from './event-description.js'
import { Events, type GatewayEvents } from './events.js'
import { Gateway } from './kernel.js'

// The types know no events but those of core here.
const QUOTA = 'quota' as keyof GatewayEvents
const counting = (...names: readonly unknown[]): EventDescription<object> => ({
  counters: names.map((name) => ({ name: name as string, help: 'Quotas.', labels: [], read() {} }))
})

test('whoever reads the descriptions of events gets those that were given before and those that follow', () => {
  const events = new Events()
  const read: string[] = []
  events.describe(QUOTA, {})
  events.each((name) => void read.push(name))
  events.describe('rejected', {})
  assert.deepEqual(read, ['quota', 'rejected'])
})

test('series begin at zero for who describes the counter and for others that cause it', () => {
  const events = new Events()
  const zeros = (): void => {}
  const zerosOf = (): void => {}
  const others = (): void => {}
  events.describe(QUOTA, {
    counters: [{ name: 'gw_quota_total', help: 'Quotas.', labels: [], read() {}, zeros, zerosOf }]
  })
  events.beginAtZero('gw_quota_total', others)
  assert.deepEqual(
    events.zeros.map(({ counter }) => counter),
    ['gw_quota_total', 'gw_quota_total']
  )
  assert.deepEqual(
    events.zeros.map((one) => [one.zeros, one.zerosOf]),
    [
      [zeros, zerosOf],
      [undefined, others]
    ]
  )
})

for (const [name, description, message] of [
  ['Quota', {}, "event 'Quota' must be lower case, its words joined by _"],
  ['', {}, "event '' must be lower case, its words joined by _"],
  ['rejected', {}, "event 'rejected' is there already: choose another name"],
  [QUOTA, counting('gw quota'), "metric 'gw quota' must be a name by the rules of Prometheus"],
  [QUOTA, counting('gw_a', 'gw_a'), "metric 'gw_a' is there already: choose another name"],
  [
    QUOTA,
    counting('proxy_observed_total'),
    "metric 'proxy_observed_total' is there already: choose another name"
  ]
] as const)
  test(`an event is refused: ${message}`, () => {
    const { events } = new Gateway({ config: {}, clock: () => 0, chance: () => 0 })
    assert.throws(() => events.describe(name as typeof QUOTA, description), {
      code: 'GW_REGISTRATION_INVALID',
      message
    })
  })

test('an event is described once, and not after the start', () => {
  const gateway = new Gateway({ config: {}, clock: () => 0, chance: () => 0 })
  gateway.events.describe(QUOTA, {})
  assert.throws(() => gateway.events.describe(QUOTA, {}), {
    message: "event 'quota' is there already: choose another name"
  })
  gateway.compile()
  assert.throws(() => gateway.events.describe('late' as typeof QUOTA, {}), {
    message: "event 'late' comes too late: add it before the app is ready"
  })
})
