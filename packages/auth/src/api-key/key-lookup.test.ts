import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Gateway } from '@gatewright/core'
import { virtualTime } from '@gatewright/testing'
import { digestOf, hashApiKey } from './key-format.js'
import { KeyLookup, type LookedUp } from './key-lookup.js'
import type { ApiKeyLookup } from './lookup-function.js'

function looking(lookup: ApiKeyLookup, maxKeys = 100) {
  const time = virtualTime()
  const faults = { warn: () => {} }
  const found = new KeyLookup(lookup, {
    clock: time.clock,
    timers: time.timers,
    faults
  } as unknown as Gateway)
  found.use(lookup, 1_000, { found: '1m', notFound: '10s', maxKeys })
  const find = (key: string): Promise<LookedUp> =>
    new Promise((resolve) => found.find(digestOf(key), null, resolve))
  const recall = (key: string) => found.recall(digestOf(key))
  return { time, found, find, recall }
}

const oneKey: ApiKeyLookup = ({ hash }) => (hash === hashApiKey('good') ? { hash, id: 'good' } : null)

test('what was found is known for its time, and what was not for a shorter one', async () => {
  const { time, find, recall } = looking(oneKey)
  await find('good')
  await find('bad')
  assert.equal((recall('good') as { found: { subject: string } }).found.subject, 'good')
  assert.equal(recall('bad'), null)
  time.advance(10_000)
  assert.equal(recall('bad'), undefined)
  time.advance(50_000)
  assert.equal(recall('good'), undefined)
})

test('a flood of made-up keys pushes out no key that was found', async () => {
  const { find, recall } = looking(oneKey)
  await find('good')
  for (let n = 0; n < 10_000; n++) await find(`made up ${n}`)
  assert.ok(recall('good'))
  assert.equal(recall('made up 0'), undefined)
})

test('look-ups at one time are bounded, and each key is asked for once', async () => {
  const ends: (() => void)[] = []
  const { find } = looking(
    () =>
      new Promise((resolve) => {
        ends.push(() => resolve(null))
      })
  )
  const same = [find('a'), find('a')]
  const others = Array.from({ length: 300 }, (_, n) => find(`b${n}`))
  assert.equal(ends.length, 256)
  for (const end of ends) end()
  assert.deepEqual(await Promise.all(same), [null, null])
  const results = await Promise.all(others)
  assert.equal(results.filter((result) => result !== null && 'failed' in result).length, 45)
})

test('with other settings, or another function, what was known is forgotten', async () => {
  const { found, find, recall } = looking(oneKey)
  await find('good')
  found.use(oneKey, 2_000, { found: '1m', notFound: '10s', maxKeys: 100 })
  assert.ok(recall('good'))
  found.use(() => null, 2_000, { found: '1m', notFound: '10s', maxKeys: 100 })
  assert.equal(recall('good'), undefined)
  found.use(oneKey, 2_000, false)
  await find('good')
  assert.equal(recall('good'), undefined)
})
