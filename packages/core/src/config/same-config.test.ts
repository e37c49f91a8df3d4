import assert from 'node:assert/strict'
import { test } from 'node:test'
import { copyConfig, sameConfig } from './same-config.js'

const hook = (): void => {}
class Sink {}
const sink = new Sink()

test('objects and lists are compared by what they hold, functions and instances by identity', () => {
  const same: [unknown, unknown][] = [
    [{ a: [1, { b: 'c' }] }, { a: [1, { b: 'c' }] }],
    [
      { hook, sink },
      { sink, hook }
    ],
    [{ a: undefined }, {}],
    [Number.NaN, Number.NaN]
  ]
  for (const [a, b] of same) assert.ok(sameConfig(a, b), JSON.stringify(a))
  const different: [unknown, unknown][] = [
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { b: 1 }],
    [[1, 2], [1]],
    [[1], { 0: 1 }],
    [{ hook }, { hook: (): void => {} }],
    [{ sink }, { sink: new Sink() }],
    [{}, null],
    [{ toString: 1 }, {}]
  ]
  for (const [a, b] of different) assert.ok(!sameConfig(a, b) && !sameConfig(b, a), JSON.stringify(a))
})

test('a copy stays what the configuration was', () => {
  const config = { endpoints: ['http://a'], hooks: { onRequest: [hook] }, sink, nothing: null }
  const copy = copyConfig(config)
  assert.ok(sameConfig(copy, config))
  config.endpoints.push('http://b')
  assert.ok(!sameConfig(copy, config))
  assert.ok(sameConfig(copy, { endpoints: ['http://a'], hooks: { onRequest: [hook] }, sink, nothing: null }))
})
