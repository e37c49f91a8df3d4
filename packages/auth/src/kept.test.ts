import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeptState } from './kept.js'

test('what both configurations keep goes on, and what none keeps is closed when its last request has ended', () => {
  const state = new KeptState()
  const closed: string[] = []
  const make = (name: string) => () => ({ name, close: () => void closed.push(name) })
  const first = state.begin()
  const a = first.keep('a', make('a'))
  assert.equal(first.keep('a', make('another')), a)
  first.keep('b', make('b'))
  first.commit()
  first.retire()
  const given = state.begin()
  given.keep('a', make('x'))
  given.keep('c', make('c'))
  given.abandon()
  assert.deepEqual(closed, ['c'])
  const second = state.begin()
  assert.equal(second.keep('a', make('x')), a)
  second.commit()
  assert.deepEqual(closed, ['c'])
  second.retire()
  assert.deepEqual(closed, ['c', 'b'])
  state.close()
  state.close()
  assert.deepEqual(closed, ['c', 'b', 'a'])
})

test('what a scheme keeps that was still being made when its configuration was given up is closed at once', () => {
  const state = new KeptState()
  const closed: string[] = []
  const make = (name: string) => () => ({ name, close: () => void closed.push(name) })
  const first = state.begin()
  const a = first.keep('a', make('a'))
  first.commit()
  const given = state.begin()
  given.abandon()
  assert.equal(given.keep('a', make('x')), a)
  given.keep('b', make('b'))
  assert.deepEqual(closed, ['b'])
  state.close()
  assert.deepEqual(closed, ['b', 'a'])
})
