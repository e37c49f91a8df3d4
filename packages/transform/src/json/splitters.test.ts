import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { dataOf, EventSplitter, withData } from './event-splitter.js'
import { LineSplitter } from './line-splitter.js'
import { JsonTooLargeError } from './too-large.js'

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  return [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length))
}

const places = fc.array(fc.nat(), { maxLength: 12 })

test('lines are the same wherever chunks begin and end, within characters too', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'ü😀', '\n', '\r\n', '', '{"x":1}'), { maxLength: 12 }),
      places,
      (texts, at) => {
        const bytes = Buffer.from(texts.join(''))
        const splitter = new LineSplitter(1_000)
        const lines = cut(bytes, at).flatMap((chunk) => [...splitter.lines(chunk)].map(String))
        const rest = splitter.rest()
        const all = rest === null ? lines : [...lines, String(rest)]
        assert.deepEqual(
          all,
          String(bytes)
            .split(/(?<=\n)/)
            .filter((line) => line !== '')
        )
      }
    ),
    { seed: 13, numRuns: 1_000 }
  )
})

test('a line may be as long as the limit, and no longer, in however many chunks', () => {
  const long = new LineSplitter(5)
  assert.equal([...long.lines(Buffer.from('abcd\nef')), ...long.lines(Buffer.from('gh\n'))].length, 2)
  assert.throws(() => [...long.lines(Buffer.from('abcde\n'))], JsonTooLargeError)
  const held = new LineSplitter(5)
  assert.throws(() => {
    for (const chunk of ['abc', 'def']) for (const _ of held.lines(Buffer.from(chunk)));
  }, JsonTooLargeError)
})

const STREAM =
  ': hello\n\nid: 1\ndata: {"a":\r\ndata:1}\r\n\r\nevent: x\rdata: ü\r\rdata\n\ndata: [DONE]\n\nretry: 5\ndata: cut'
const EVENTS = [
  ': hello\n',
  '\n',
  'id: 1\ndata: {"a":\ndata:1}\n\n',
  'event: x\ndata: ü\n\n',
  'data\n\n',
  'data: [DONE]\n\n',
  'retry: 5\ndata: cut\n'
]

test('events are the same wherever chunks begin and end', () => {
  fc.assert(
    fc.property(places, (at) => {
      const splitter = new EventSplitter(1_000)
      const events = cut(Buffer.from(STREAM), at).flatMap((chunk) => [...splitter.events(chunk)])
      assert.deepEqual([...events, splitter.rest()], EVENTS)
    }),
    { seed: 13, numRuns: 1_000 }
  )
})

test('the data of an event is its lines joined, and another takes its place', () => {
  assert.deepEqual(EVENTS.map(dataOf), [null, null, '{"a":\n1}', 'ü', '', '[DONE]', 'cut'])
  assert.equal(dataOf('\ufeffdata: 1\n\n'), '1')
  assert.equal(dataOf('database: 1\n\n'), null)
  assert.equal(withData(EVENTS[2] as string, '{"b":2}'), 'id: 1\ndata: {"b":2}\n\n')
  assert.equal(withData('data: x\nid: 1\ndata: y\n\n', '[\n1]'), 'data: [\ndata: 1]\nid: 1\n\n')
})

test('an event may be as long as the limit, and no longer', () => {
  const splitter = new EventSplitter(9)
  assert.deepEqual([...splitter.events(Buffer.from('data: abc\n\n'))], ['data: abc\n\n'])
  assert.throws(() => [...splitter.events(Buffer.from('data: abcd\n\n'))], JsonTooLargeError)
})
