import assert from 'node:assert/strict'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { LogOutput } from './log-output.js'

function opened(t: TestContext, path: string): number {
  const fd = openSync(path, 'w')
  t.after(() => closeSync(fd))
  return fd
}

/** Resolves when nothing waits: it listens to the end of the process as long as something does. */
async function written(before: number): Promise<void> {
  while (process.listenerCount('exit') > before) await turn()
}

test('lines are written in their order', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-log-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'log')
  const output = new LogOutput(opened(t, path))
  const before = process.listenerCount('exit')
  for (let i = 0; i < 1_000; i++) output.write(`${i}\n`)
  await written(before)
  output.write('last\n')
  await written(before)
  const lines = readFileSync(path, 'utf8').split('\n')
  assert.deepEqual(lines, [...Array.from({ length: 1_000 }, (_, i) => String(i)), 'last', ''])
})

test('a disk that is full loses lines, and neither throws nor keeps them', {
  skip: !existsSync('/dev/full')
}, async (t) => {
  const output = new LogOutput(opened(t, '/dev/full'))
  const before = process.listenerCount('exit')
  for (let i = 0; i < 10; i++) {
    assert.equal(output.write('x'.repeat(1_000_000)), true)
    await written(before)
  }
})

test('no more than a mebibyte waits', async (t) => {
  const output = new LogOutput(opened(t, '/dev/null'))
  const before = process.listenerCount('exit')
  const taken = Array.from({ length: 20 }, () => output.write('x'.repeat(100_000)))
  assert.ok(taken.includes(false))
  assert.equal(taken[0], true)
  await written(before)
  assert.equal(output.write('x'), true)
  await written(before)
})
