import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Turnstile } from './turnstile.js'

test('starts go beside each other, a change alone, and in the order in which they came', async () => {
  const turnstile = new Turnstile()
  const log: string[] = []
  const enter = async (name: string, kind: 'start' | 'change'): Promise<() => void> => {
    const leave = await turnstile[kind]()
    log.push(name)
    return leave
  }
  const first = await enter('start 1', 'start')
  const second = await enter('start 2', 'start')
  const change = enter('change', 'change')
  const third = enter('start 3', 'start')
  await Promise.resolve()
  assert.deepEqual(log, ['start 1', 'start 2'])
  first()
  second()
  const done = await change
  assert.deepEqual(log, ['start 1', 'start 2', 'change'])
  done()
  await third
  assert.deepEqual(log, ['start 1', 'start 2', 'change', 'start 3'])
})
