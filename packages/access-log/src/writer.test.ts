import assert from 'node:assert/strict'
import { test } from 'node:test'
import { virtualClock } from '@gatewright/testing'
import type { Sink } from './sink.js'
import { Writer } from './writer.js'

function setUp(isStdout = false) {
  const time = virtualClock()
  const told: string[] = []
  const state = { takes: true, throws: false }
  const sink: Sink = {
    isStdout,
    write() {
      if (state.throws) throw new Error('no more paper')
      return state.takes
    },
    resize: () => {},
    close: () => Promise.resolve()
  }
  const counts = { written: 0, dropped: 0 }
  const report = {
    warn: (fields: object, message: string) => void told.push(`${message}: ${JSON.stringify(fields)}`),
    error: (fields: object, message: string) =>
      void told.push(`${message}: ${(fields as { err: Error }).err.message}`)
  }
  const writer = new Writer(time.clock, report, counts)
  writer.use(sink, null)
  const write = (lines = 1): void => {
    for (let n = 0; n < lines; n++) writer.write('line\n')
  }
  return { writer, counts, state, told, write, advance: time.advance }
}

const DROPPED = (lines: number): string => `lines of the access log were dropped: {"dropped":${lines}}`

test('lines are counted as written or dropped', () => {
  const { counts, state, write } = setUp()
  write(3)
  state.takes = false
  write(2)
  assert.deepEqual([counts.written, counts.dropped], [3, 2])
})

test('when the destination takes lines again, one warning tells how many were lost', () => {
  const { state, told, write } = setUp()
  state.takes = false
  write(5)
  assert.deepEqual(told, [])
  state.takes = true
  write(5)
  assert.deepEqual(told, [DROPPED(5)])
})

test('a destination that comes and goes is told of once in ten seconds', () => {
  const { state, told, write, advance } = setUp()
  for (let n = 0; n < 20; n++) {
    state.takes = n % 2 === 1
    write()
  }
  assert.deepEqual(told, [DROPPED(1)])
  advance(10_000)
  write()
  assert.deepEqual(told, [DROPPED(1), DROPPED(9)])
})

test('a destination that does not come back is told of after ten seconds', () => {
  const { state, told, write, advance } = setUp()
  state.takes = false
  write(5)
  advance(9_999)
  write()
  assert.deepEqual(told, [])
  advance(1)
  write()
  assert.deepEqual(told, [DROPPED(7)])
})

test('while standard output is full nothing is told, as that would have to wait for it', () => {
  const { state, told, write, advance } = setUp(true)
  state.takes = false
  for (let n = 0; n < 10; n++) {
    write()
    advance(10_000)
  }
  assert.deepEqual(told, [])
  state.takes = true
  write()
  assert.deepEqual(told, [DROPPED(10)])
})

test('what was lost is told at the end', async () => {
  const { writer, state, told, write } = setUp()
  state.takes = false
  write(2)
  await writer.close()
  assert.deepEqual(told, [DROPPED(2)])
})

test('at the end nothing is told either while standard output is full', async () => {
  const { writer, state, told, write } = setUp(true)
  state.takes = false
  write(2)
  await writer.close()
  assert.deepEqual(told, [])
})

test('a sink that throws hurts nobody, and is reported once', () => {
  const { counts, state, told, write } = setUp()
  state.throws = true
  write(3)
  assert.deepEqual(told, ['the access log cannot be written: no more paper'])
  assert.deepEqual([counts.written, counts.dropped], [0, 3])
})
