import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CollectingWatcher } from './collecting-watcher.js'

function collecting(most: number) {
  const seen: (string | null)[] = []
  const watcher = new CollectingWatcher(most, (bytes) => seen.push(bytes && String(bytes)))
  return { seen, watcher }
}

test('a body is seen whole at its end, though what its chunks were read into has changed', () => {
  const { seen, watcher } = collecting(6)
  const chunk = Buffer.from('one')
  watcher.chunk(chunk)
  chunk.write('two')
  watcher.chunk(chunk)
  assert.deepEqual(seen, [])
  watcher.end()
  assert.deepEqual(seen, ['onetwo'])
})

test('one that is longer than is looked at is told of as such', () => {
  const { seen, watcher } = collecting(5)
  for (const text of ['one', 'two', 'three']) watcher.chunk(Buffer.from(text))
  watcher.end()
  assert.deepEqual(seen, [null])
})

test('one that breaks off is not seen', () => {
  const { seen, watcher } = collecting(5)
  watcher.chunk(Buffer.from('one'))
  watcher.cut()
  assert.deepEqual(seen, [])
})
