import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { gatewayKit } from './gateway-kit.js'

test('while time passes, what timers have begun goes on, and its own timers run at their time', async () => {
  const kit = gatewayKit()
  const from = kit.time.now()
  const ran: string[] = []
  kit.time.timers.after(10, async () => {
    ran.push(`first at ${kit.time.now() - from}`)
    await setImmediate()
    kit.time.timers.after(10, () => ran.push(`second at ${kit.time.now() - from}`))
  })
  await kit.advance(30)
  assert.deepEqual(ran, ['first at 10', 'second at 20'])
  assert.equal(kit.time.now() - from, 30)
})

test('what is due at the end of the time runs, and what is due later does not', async () => {
  const kit = gatewayKit()
  const ran: number[] = []
  for (const ms of [50, 51]) kit.time.timers.after(ms, () => ran.push(ms))
  await kit.advance(50)
  assert.deepEqual(ran, [50])
  await kit.advance(1)
  assert.deepEqual(ran, [50, 51])
})

test('work that begins at the end of the time, or has begun before, is let finish', async () => {
  const kit = gatewayKit()
  const done: string[] = []
  void setImmediate().then(() => done.push('before'))
  await kit.advance(0)
  kit.time.timers.after(50, () => void setImmediate().then(() => done.push('at the end')))
  await kit.advance(50)
  assert.deepEqual(done, ['before', 'at the end'])
})

test('an upstream is the same one with and without a slash, and another one by another URL', () => {
  const kit = gatewayKit()
  assert.equal(kit.upstream('http://a.test'), kit.upstream('http://a.test/'))
  assert.notEqual(kit.upstream('http://a.test'), kit.upstream('http://b.test'))
})
