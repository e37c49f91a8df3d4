import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Exchange } from '../model/exchange.js'
import type { Fact } from '../model/fact.js'
import { Gateway } from './kernel.js'

function begun(): { gateway: Gateway; add(fact: object): void } {
  const gateway = new Gateway({ config: {}, clock: () => 0, chance: () => 0 })
  // The types know no facts in core.
  return { gateway, add: (fact) => gateway.facts.add({ read: () => null, ...fact } as never) }
}

const EXCHANGE = {} as Exchange

test('what is known of an exchange is what facts have a value for', () => {
  const { gateway, add } = begun()
  for (const [name, value] of Object.entries({
    text: 'a',
    zero: 0,
    no: false,
    none: null,
    missing: undefined,
    thing: {},
    endless: Number.POSITIVE_INFINITY
  }))
    add({ name, read: () => value })
  assert.deepEqual(gateway.facts.of(EXCHANGE), { text: 'a', zero: 0, no: false })
  assert.equal(gateway.compile().facts, gateway.facts.all)
})

test('a fact that throws has no value, and whose it is is reported', () => {
  const { gateway, add } = begun()
  const told: unknown[] = []
  gateway.faults.sink = {
    warn: () => {},
    error: (fields: object, text: string) => told.push(text, fields)
  } as never
  const fail = (): never => {
    throw new RangeError('no tenant')
  }
  add({ name: 'tenant', read: fail, note: fail })
  const [fact] = gateway.facts.all as [Fact]
  assert.equal(fact.read({ id: 'r' } as Exchange), null)
  assert.equal(fact.note?.('a'), '')
  assert.match(JSON.stringify(told), /the fact 'tenant'/)
})

test('whoever reads facts gets those that were added before and those that follow', () => {
  const { gateway, add } = begun()
  const read: string[] = []
  add({ name: 'one' })
  gateway.facts.each(({ name }) => void read.push(name))
  add({ name: 'two' })
  assert.deepEqual(read, ['one', 'two'])
})

const COUNTER = { name: 'gw_total', help: 'All.', label: 'x' }

for (const [facts, message] of [
  [[{ name: 'Tenant' }], "fact 'Tenant' must be one word, or several in lower camel case"],
  [[{ name: '__proto__' }], "fact '__proto__' must be one word, or several in lower camel case"],
  [[{ name: 'a' }, { name: 'a' }], "fact 'a' is there already: choose another name"],
  [[{ name: 'a', log: 'a-b' }], "log field 'a-b' must be lower case, its words joined by _"],
  [
    [
      { name: 'a', log: 'x' },
      { name: 'b', log: 'x' }
    ],
    "log field 'x' is there already: choose another name"
  ],
  [[{ name: 'a', attribute: 'a b' }], "attribute 'a b' must be lower case, its parts joined by dots"],
  [
    [
      { name: 'a', attribute: 'x.y' },
      { name: 'b', attribute: 'x.y' }
    ],
    "attribute 'x.y' is there already: choose another name"
  ],
  [
    [
      { name: 'a', counter: COUNTER },
      { name: 'b', counter: COUNTER }
    ],
    "metric 'gw_total' is there already: choose another name"
  ],
  [
    [{ name: 'a', counter: { ...COUNTER, name: 'proxy_observed_total' } }],
    "metric 'proxy_observed_total' is there already: choose another name"
  ]
] as const)
  test(`a fact is refused: ${message}`, () => {
    const { add } = begun()
    assert.throws(() => facts.forEach(add), { code: 'GW_REGISTRATION_INVALID', message })
  })

test('a fact cannot be added after the start', () => {
  const { gateway, add } = begun()
  gateway.compile()
  assert.throws(() => add({ name: 'late' }), {
    message: "fact 'late' comes too late: add it before the app is ready"
  })
})
