import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpoints, seededChance } from '@gatewright/testing'
import { draw } from './draw.js'

test('each part of the chances belongs to one endpoint, as wide as its weight', () => {
  const [a, b, c] = endpoints(3, [1, 2, 1])
  const drawn = [0, 0.24, 0.25, 0.74, 0.75, 0.99].map((x) => draw([a, b, c], () => x))
  assert.deepEqual(drawn, [a, a, b, b, c, c])
})

test('the excepted endpoint is never drawn and its weight does not count', () => {
  const [a, b, c] = endpoints(3, [1, 100, 3])
  const drawn = [0, 0.24, 0.25, 0.99].map((x) => draw([a, b, c], () => x, b))
  assert.deepEqual(drawn, [a, a, c, c])
})

test('the excepted endpoint is drawn when it is alone', () => {
  const [a] = endpoints(1)
  assert.equal(draw([a], seededChance(), a), a)
})

test('an endpoint of weight 0 is not drawn', () => {
  const [a, b] = endpoints(2, [0, 1])
  assert.equal(
    draw([a, b], () => 0),
    b
  )
})

test('rounding at the very end of the chances does not leave the list', () => {
  const candidates = endpoints(3, [0.1, 0.2, 0.3])
  assert.ok(candidates.includes(draw(candidates, () => 1 - Number.EPSILON / 2)))
})
