import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Exchange } from './exchange.js'
import { GatewayError } from './gateway-error.js'
import {
  faultOf,
  nameOfPart,
  PluginFault,
  pluginFault,
  thrower,
  toldError,
  wrongResult
} from './plugin-fault.js'

test('what was thrown is told in a few words, whatever it is', () => {
  const hostile = Object.defineProperty(new Error(''), 'message', {
    get() {
      throw new Error('no')
    }
  })
  for (const [thrown, text] of [
    [new RangeError('no region'), 'RangeError: no region'],
    ['text', 'a value of type string'],
    [undefined, 'undefined'],
    [null, 'null'],
    [{ name: 'x' }, "'x'"],
    [Promise.resolve(), 'a promise'],
    [hostile, 'what cannot be told']
  ] as const)
    assert.equal(toldError(thrown), text)
})

test('a fault has whose it is, what it did and the cause, and nothing of it is for the client', () => {
  const cause = new RangeError('secret')
  const fault = pluginFault("the gate 'mine'", cause) as PluginFault
  assert.ok(fault instanceof PluginFault)
  assert.deepEqual(
    [fault.whose, fault.detail, fault.cause, fault.reason, fault.statusCode],
    ["the gate 'mine'", "the gate 'mine' threw RangeError: secret", cause, 'internal_error', 500]
  )
  assert.doesNotMatch(fault.message, /secret|mine/)
})

test('an answer that was meant stays as it is, where there can be one', () => {
  const meant = new GatewayError('no_endpoint')
  assert.equal(pluginFault('x', meant), meant)
  assert.equal(faultOf('an observer', meant).detail, `an observer threw GatewayError: ${meant.message}`)
  const fault = faultOf('one', new Error('e'))
  assert.equal(faultOf('another', fault), fault)
})

test('a wrong result is named by its kind, and a promise cannot end the process', async () => {
  const fault = wrongResult('mine', Promise.reject(new Error('later')), 'an endpoint')
  assert.equal(fault.detail, 'mine returned a promise instead of an endpoint')
  await new Promise(setImmediate)
})

test('a part is named by its own name, its class or its function', () => {
  class Counter {}
  class Named {
    readonly name = 'mine'
  }
  function listen(): void {}
  const cases: readonly (readonly [object, string])[] = [
    [new Counter(), "a part 'Counter'"],
    [new Named(), "a part 'mine'"],
    [{ name: 'mine' }, "a part 'mine'"],
    [{ name: 7 }, 'a part'],
    [{}, 'a part'],
    [Object.create(null), 'a part'],
    [listen, "a part 'listen'"],
    [() => {}, 'a part']
  ]
  for (const [part, name] of cases) assert.equal(nameOfPart('a part', part), name)
})

test('who throws while Fastify handles a request is named by the route, as far as it is known', () => {
  const route = { id: 'api' }
  assert.equal(thrower(null), 'a hook or handler')
  assert.equal(thrower({ route: null, fallback: null } as Exchange), 'a hook or handler')
  assert.equal(thrower({ route, fallback: null } as Exchange), "a hook or handler of route 'api'")
  assert.equal(
    thrower({ route, fallback: 'no_endpoint' } as unknown as Exchange),
    "the fallback of route 'api'"
  )
})
