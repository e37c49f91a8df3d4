import assert from 'node:assert/strict'
import { test } from 'node:test'
import { didYouMean, nearest } from './nearest.js'

const NAMES = ['users', 'orders', 'payments']

test('the nearest name is the one with the fewest slips of the pen', () => {
  for (const [name, meant] of [
    ['usrs', 'users'],
    ['USERS', 'users'],
    ['oders', 'orders'],
    ['paymnts-', 'payments']
  ] as const)
    assert.equal(nearest(name, NAMES), meant, name)
})

test('of a short name, another one that differs in two letters is not meant, but one with two of them swapped is', () => {
  assert.equal(nearest('auth', ['path']), undefined)
  assert.equal(nearest('url', ['use']), undefined)
  assert.equal(nearest('paht', ['path']), 'path')
  assert.equal(nearest('pol', ['pool']), 'pool')
})

test('a name that begins or ends with another one of four letters and more is near it, the nearer the more they share', () => {
  assert.equal(nearest('least-conn', ['random', 'least-connections']), 'least-connections')
  assert.equal(nearest('breaker', ['breakerThatIsLonger', 'circuitBreaker']), 'circuitBreaker')
  assert.equal(nearest('sticky-cookie', ['sticky', 'first']), 'sticky')
  assert.equal(nearest('maximum', ['max']), undefined)
})

test('a name like no other has no nearest', () => {
  assert.equal(nearest('inventory', NAMES), undefined)
  assert.equal(nearest('users', []), undefined)
})

test('the hint is a guess, or else all names, up to twelve', () => {
  assert.equal(didYouMean('usrs', NAMES), "; did you mean 'users'?")
  assert.equal(didYouMean('inventory', NAMES), "; valid: 'users', 'orders', 'payments'")
  assert.equal(didYouMean('inventory', []), '')
  const many = Array.from({ length: 13 }, (_, i) => `p${i}`)
  assert.match(didYouMean('inventory', many), /'p11', …$/)
})
