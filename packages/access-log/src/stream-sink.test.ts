import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { gate, virtualTime } from '@gatewright/testing'
import type { LogSink } from './config/log-sink.js'
import { StreamSink } from './stream-sink.js'

const LINE = `${'x'.repeat(9)}\n`

function sinkTo(stream: LogSink, maxBuffer = 25) {
  const { timers, advance } = virtualTime()
  const errors: unknown[] = []
  return {
    sink: new StreamSink(stream, { maxBuffer, timers, failed: (error) => void errors.push(error) }),
    errors,
    advance
  }
}

/** Takes one line and finishes it on request. */
function slow(): { stream: Writable; taken: string[]; next: () => void } {
  const taken: string[] = []
  let done = (): void => {}
  const stream = new Writable({
    write(chunk, _encoding, callback) {
      taken.push(String(chunk))
      done = callback
    }
  })
  return { stream, taken, next: () => done() }
}

test('any object with write gets every line, at once', () => {
  const lines: string[] = []
  const { sink } = sinkTo({ write: (line) => lines.push(line) })
  for (let n = 0; n < 10; n++) assert.ok(sink.write(LINE))
  assert.equal(lines.length, 10)
})

test('a Writable gets no more than may wait in it', () => {
  const { stream, taken, next } = slow()
  const { sink } = sinkTo(stream)
  assert.deepEqual([sink.write(LINE), sink.write(LINE), sink.write(LINE)], [true, true, false])
  next()
  assert.ok(sink.write(LINE))
  assert.equal(taken.length, 2)
})

test('an object that asks to stop gets no more than may wait until it asks for more', () => {
  const lines: string[] = []
  const stream = Object.assign(new EventEmitter(), { write: (line: string) => lines.push(line) < 0 })
  const { sink } = sinkTo(stream)
  assert.deepEqual([sink.write(LINE), sink.write(LINE), sink.write(LINE)], [true, true, false])
  stream.emit('drain')
  assert.ok(sink.write(LINE))
  assert.equal(lines.length, 3)
})

test('an object that promises gets no more than may wait until it has kept its promises', async () => {
  const kept = gate()
  const { sink } = sinkTo({ write: () => kept.then(() => {}) })
  assert.deepEqual([sink.write(LINE), sink.write(LINE), sink.write(LINE)], [true, true, false])
  kept.open()
  await new Promise(setImmediate)
  assert.ok(sink.write(LINE))
})

test('a promise that is broken is reported, and rejects nowhere', async () => {
  for (const more of [{}, { writableLength: 0 }]) {
    const { sink, errors } = sinkTo({ ...more, write: () => Promise.reject(new Error('broken')) })
    sink.write(LINE)
    await new Promise(setImmediate)
    assert.match(String(errors), /broken/)
  }
})

test('an error of the stream is reported, and what comes after it is not taken', async () => {
  const stream = new Writable({ write: (_chunk, _encoding, callback) => callback(new Error('gone')) })
  const { sink, errors } = sinkTo(stream)
  assert.ok(sink.write(LINE))
  await new Promise((resolve) => stream.once('close', resolve))
  assert.match(String(errors), /gone/)
  assert.equal(sink.write(LINE), false)
  await sink.close()
})

test('closing waits for what is on its way, leaves the stream open and takes its listeners away', async () => {
  const { stream, taken, next } = slow()
  const { sink, advance } = sinkTo(stream)
  sink.write(LINE)
  sink.write(LINE)
  const closed = sink.close()
  next()
  next()
  next()
  await closed
  assert.deepEqual([taken.length, stream.writable, stream.listenerCount('error')], [3, true, 0])
  advance(10_000)
})

test('closing gives up after a second', async () => {
  const { sink, advance } = sinkTo(slow().stream)
  sink.write(LINE)
  let isClosed = false
  const closed = sink.close().then(() => {
    isClosed = true
  })
  advance(999)
  await new Promise(setImmediate)
  assert.equal(isClosed, false)
  advance(1)
  await closed
})
