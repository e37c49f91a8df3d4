import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { virtualTime } from '@gatewright/testing'
import { openDestination } from './destination.js'
import { FileSink } from './file-sink.js'
import { type AccessLogSettings, resolveAccessLog } from './settings.js'
import type { Sink } from './sink.js'
import { StreamSink } from './stream-sink.js'

function opened(t: TestContext, format: 'json' | 'pretty'): Sink {
  const settings = resolveAccessLog({ format }) as AccessLogSettings
  const sink = openDestination(settings, {
    maxBuffer: 65_536,
    timers: virtualTime().timers,
    failed: () => {}
  })
  t.after(() => sink.close())
  assert.ok(sink.isStdout)
  return sink
}

/** Makes standard output look so for this test. */
function pretend(t: TestContext, name: 'isTTY' | 'write', value: unknown): void {
  const before = Object.getOwnPropertyDescriptor(process.stdout, name)
  Object.defineProperty(process.stdout, name, { value, configurable: true, writable: true })
  t.after(() => {
    if (before === undefined) delete (process.stdout as Partial<typeof process.stdout>)[name]
    else Object.defineProperty(process.stdout, name, before)
  })
}

test('JSON for a pipe is written in the background', (t) => {
  pretend(t, 'isTTY', false)
  assert.ok(opened(t, 'json') instanceof FileSink)
})

test('people get their lines at once', (t) => {
  pretend(t, 'isTTY', false)
  assert.ok(opened(t, 'pretty') instanceof StreamSink)
  pretend(t, 'isTTY', true)
  assert.ok(opened(t, 'json') instanceof StreamSink)
})

test('whoever has replaced the write of standard output sees the lines', (t) => {
  pretend(t, 'isTTY', false)
  const lines: string[] = []
  const write = process.stdout.write.bind(process.stdout)
  pretend(t, 'write', (line: string) => (line === 'line\n' ? lines.push(line) : write(line)))
  const sink = opened(t, 'json')
  assert.ok(sink instanceof StreamSink)
  sink.write('line\n')
  assert.deepEqual(lines, ['line\n'])
})
