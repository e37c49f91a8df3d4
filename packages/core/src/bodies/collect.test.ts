import assert from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { test } from 'node:test'
import { collect } from './collect.js'

test('a whole stream is collected; beyond the limit it stands still', async () => {
  assert.equal(String(await collect(Readable.from([Buffer.from('ab'), 'c']), 3)), 'abc')
  const source = new PassThrough()
  const collected = collect(source, 3)
  source.write('abcd')
  assert.equal(await collected, null)
  assert.equal(source.isPaused(), true)
})

test('one that breaks off, or has broken off, rejects', async () => {
  const source = new PassThrough()
  const collected = collect(source, 3)
  source.destroy(new Error('reset'))
  await assert.rejects(collected, /reset/)
  await assert.rejects(collect(source, 3), /reset/)
})
