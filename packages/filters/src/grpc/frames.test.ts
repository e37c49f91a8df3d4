import assert from 'node:assert/strict'
import { test } from 'node:test'
import { framed, MessageReader } from './frames.js'

/** What a reader makes of chunks. */
function read(chunks: readonly Buffer[], maxBytes = 100): string | null {
  const reader = new MessageReader(maxBytes)
  for (const chunk of chunks) reader.push(chunk)
  return reader.end()?.toString() ?? null
}

test('a message is read however it is cut into chunks', () => {
  const frame = framed(Buffer.from('hello'))
  for (let at = 0; at <= frame.length; at++)
    assert.equal(read([frame.subarray(0, at), frame.subarray(at)]), 'hello', `cut at ${at}`)
  assert.equal(read([...frame].map((byte) => Buffer.of(byte))), 'hello')
  assert.equal(read([framed(Buffer.alloc(0))]), '')
  assert.equal(read([]), null)
})

test('what is compressed, cut off, too long or more than one message is refused', () => {
  const frame = framed(Buffer.from('hello'))
  const compressed = Buffer.from(frame)
  compressed[0] = 1
  for (const [chunks, message] of [
    [[compressed], /compressed/],
    [[frame.subarray(0, 3)], /cut off/],
    [[frame.subarray(0, 9)], /cut off/],
    [[frame, Buffer.of(0)], /more than one message/],
    [[framed(Buffer.alloc(101))], /101 bytes, and 100 are allowed/]
  ] as const)
    assert.throws(() => read(chunks), message)
})
