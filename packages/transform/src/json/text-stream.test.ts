import assert from 'node:assert/strict'
import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { fakeExchange } from '@gatewright/testing'
import { transformJson } from './function.js'
import { JsonEditor } from './json-editor.js'
import { compileOperation } from './operations.js'
import { eventsOf, linesOf, TextStream } from './text-stream.js'

const LIMITS = { maxBytes: 1024 ** 2, maxRatio: 100 }
const failed = (error: unknown): Error => error as Error

function editorOf(...operations: Parameters<typeof compileOperation>[0][]): JsonEditor {
  const compiled = operations.flatMap((one) => compileOperation(one, 'response'))
  return new JsonEditor(compiled, LIMITS.maxBytes, fakeExchange({}), null)
}

test('lines that grow wait for the reader', async () => {
  const editor = editorOf({ set: { '/a': 'x'.repeat(10_000) } })
  const stream = new TextStream(linesOf(editor, 1_000_000), null, LIMITS, failed)
  stream.end(Buffer.from('{}\n'.repeat(5_000)))
  for (let turn = 0; turn < 20; turn++) await setImmediate()
  assert.ok(stream.readableLength < 200_000, `${stream.readableLength} bytes are held`)
  const all = await buffer(stream)
  assert.equal(all.length, 5_000 * ('{"a":""}\n'.length + 10_000))
})

test('one that nobody reads to its end lets its pieces go', async () => {
  const editor = editorOf({ set: { '/a': 'x'.repeat(100_000) } })
  let changed = 0
  const counted = linesOf(editor, 1_000_000)
  const pieces = {
    *of(chunk: Buffer) {
      for (const piece of counted.of(chunk)) {
        changed++
        yield piece
      }
    },
    rest: () => []
  }
  const stream = new TextStream(pieces, null, LIMITS, failed)
  stream.write(Buffer.from('{}\n'.repeat(1_000)))
  await setImmediate()
  stream.destroy()
  await once(stream, 'close')
  await setImmediate()
  assert.ok(changed < 10, `${changed} lines were changed`)
})

test('what is complete does not wait for a function that takes its time', async () => {
  const waits: (() => void)[] = []
  const editor = editorOf(
    transformJson((value) => new Promise((resolve) => waits.push(() => resolve(value + 1))))
  )
  const stream = new TextStream(eventsOf(editor, 1_000), null, LIMITS, failed)
  stream.write(Buffer.from(': hello\n\ndata: 1\n\ndata: x\n\n'))
  assert.equal(String((await once(stream, 'data'))[0]), ': hello\n\n')
  waits[0]?.()
  assert.equal(String((await once(stream, 'data'))[0]), 'data: 2\n\ndata: x\n\n')
})

test('others get their turn, however much there is to do at once', async () => {
  const stream = new TextStream(linesOf(editorOf({ remove: ['/secret'] }), 1_000_000), null, LIMITS, failed)
  let turns = 0
  let isOver = false
  const counting = (async () => {
    for (; !isOver; turns++) await setImmediate()
  })()
  for (let piece = 0; piece < 32; piece++) stream.write('{"secret":1,"a":2}\n'.repeat(3_000))
  stream.end('{"a":1}\n'.repeat(100_000))
  await buffer(stream)
  isOver = true
  await counting
  assert.ok(turns > 40, `${turns} turns`)
})
