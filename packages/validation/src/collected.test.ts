import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { Collected } from './collected.js'

test('a stream that is looked at goes on piece by piece, and is seen whole', async () => {
  const seen: (string | null)[] = []
  const source = new PassThrough()
  const tap = new Collected(source, 6, (bytes) => seen.push(bytes && String(bytes)))
  source.write('one')
  assert.equal(String((await once(tap, 'data'))[0]), 'one')
  assert.deepEqual(seen, [])
  source.end('two')
  await once(tap, 'end')
  assert.deepEqual(seen, ['onetwo'])
})

test('one that is longer than is looked at goes on all the same', async () => {
  const seen: unknown[] = []
  const tap = new Collected(Readable.from([Buffer.from('one'), Buffer.from('two')]), 5, (bytes) =>
    seen.push(bytes)
  )
  assert.equal(String(await buffer(tap)), 'onetwo')
  assert.deepEqual(seen, [null])
})

test('one that breaks off breaks off behind, and is not seen', async () => {
  const seen: unknown[] = []
  const source = new PassThrough()
  const tap = new Collected(source, 5, (bytes) => seen.push(bytes))
  source.write('one')
  source.destroy(new Error('reset'))
  await assert.rejects(buffer(tap), /reset/)
  assert.deepEqual(seen, [])
})

test('whoever leaves before the end ends the source', async () => {
  const source = new PassThrough()
  const tap = new Collected(source, 5, () => {})
  const closed = new Promise((resolve) => source.once('close', resolve))
  source.on('error', () => {})
  tap.destroy()
  await closed
  assert.equal(source.destroyed, true)
})
