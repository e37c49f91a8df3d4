import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import fs, {
  closeSync,
  constants,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { virtualTime } from '@gatewright/testing'
import { FileSink, openToAppend } from './file-sink.js'

const LINE = `${'x'.repeat(999)}\n`
const bounded = { timeout: 20_000 }

function pathIn(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'access-log-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return join(directory, 'access.log')
}

function sinkAt(path: string, maxBuffer = 1024 * 1024) {
  const { timers, advance } = virtualTime()
  const errors: (Error & { code?: string })[] = []
  const failed = (error: unknown): void => void errors.push(error as Error)
  const fd = openToAppend(path)
  const isOpen = (): boolean => {
    try {
      return fstatSync(fd) !== undefined
    } catch {
      return false
    }
  }
  return { sink: new FileSink(fd, { maxBuffer, timers, failed }), errors, advance, isOpen }
}

/** A pipe with a name, and its reading end. */
function pipeIn(t: TestContext): { path: string; reader: number } {
  const path = pathIn(t)
  execFileSync('mkfifo', [path])
  return { path, reader: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK) }
}

/** Resolves when this holds; the condition is reached on the system's side, without an event. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate)
}

test('all lines are in the file when it is closed, behind what was there', bounded, async (t) => {
  const path = pathIn(t)
  for (let turn = 0; turn < 2; turn++) {
    const { sink, errors } = sinkAt(path)
    for (let n = 0; n < 500; n++) assert.ok(sink.write(`${turn} ${n}\n`))
    await sink.close()
    assert.deepEqual(errors, [])
    assert.equal(sink.write('late\n'), false)
  }
  const expected = [0, 1].flatMap((turn) => Array.from({ length: 500 }, (_, n) => `${turn} ${n}\n`))
  assert.equal(readFileSync(path, 'utf8'), expected.join(''))
  assert.equal(statSync(path).mode & 0o777, 0o644 & ~process.umask())
})

test('a line waits a tenth of a second for others', bounded, async (t) => {
  const path = pathIn(t)
  const { sink, advance } = sinkAt(path)
  sink.write('one\n')
  advance(99)
  await new Promise(setImmediate)
  assert.equal(statSync(path).size, 0)
  advance(1)
  await until(() => statSync(path).size === 4)
  sink.write('two\n')
  advance(100)
  await until(() => statSync(path).size === 8)
  await sink.close()
})

test('many lines wait for nothing', bounded, async (t) => {
  const path = pathIn(t)
  const { sink } = sinkAt(path)
  for (let n = 0; n < 300; n++) sink.write(LINE)
  await until(() => statSync(path).size > 0)
  await sink.close()
})

test('a pipe that nobody reads is refused at once', (t) => {
  const { path, reader } = pipeIn(t)
  closeSync(reader)
  assert.throws(() => openToAppend(path), { code: 'ENXIO' })
})

test(
  'what a full pipe does not take waits, up to a limit, and goes on when it is read',
  bounded,
  async (t) => {
    const { path, reader } = pipeIn(t)
    const { sink, errors } = sinkAt(path, 128 * 1024)
    let taken = 0
    let dropped = 0
    while (dropped < 1_000)
      if (sink.write(LINE)) taken++
      else if (++dropped % 10 === 0) await new Promise(setImmediate)
    assert.ok(taken >= 128 && taken < 400, `${taken} lines`)
    const closed = sink.close()
    const buffer = Buffer.alloc(64 * 1024)
    let read = 0
    while (read < taken * LINE.length) {
      try {
        read += readSync(reader, buffer)
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'EAGAIN')
        await new Promise(setImmediate)
      }
    }
    await closed
    closeSync(reader)
    assert.deepEqual(errors, [])
  }
)

test('closing gives a full pipe a second, and then gives it up without a word', bounded, async (t) => {
  const { path, reader } = pipeIn(t)
  const { sink, errors, advance, isOpen } = sinkAt(path)
  for (let n = 0; n < 500; n++) sink.write(LINE)
  const closed = sink.close()
  advance(1_000)
  await closed
  await until(() => !isOpen())
  assert.deepEqual(errors, [])
  closeSync(reader)
})

test('a reader that has gone is an error, and what comes after it is not taken', bounded, async (t) => {
  const { path, reader } = pipeIn(t)
  const { sink, errors } = sinkAt(path)
  closeSync(reader)
  while (errors.length === 0) {
    sink.write(LINE)
    await new Promise(setImmediate)
  }
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['EPIPE']
  )
  assert.equal(sink.write(LINE), false)
  await sink.close()
})

test('while the disk is full lines wait, up to the limit', bounded, async () => {
  const { sink, errors, advance } = sinkAt('/dev/full', 20_000)
  sink.write(LINE)
  advance(100)
  await until(() => errors.length > 0)
  let taken = 1
  while (sink.write(LINE)) taken++
  assert.equal(taken, 20)
  assert.equal(errors[0]?.code, 'ENOSPC')
  await sink.close()
})

test(
  'when there is room on the disk again the lines that waited are written, each once',
  bounded,
  async (t) => {
    const path = pathIn(t)
    const { sink, errors, advance } = sinkAt(path, 20_000)
    const full = t.mock.method(fs, 'write', ((...args: unknown[]) => {
      const done = args.at(-1) as (error: Error) => void
      setImmediate(done, Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }))
    }) as typeof fs.write)
    let taken = 0
    while (sink.write(`${taken} ${LINE}`)) taken++
    for (let failures = 1; failures < 4; failures++) {
      advance(100)
      await until(() => errors.length === failures)
    }
    assert.equal(sink.write(LINE), false)
    full.mock.restore()
    advance(100)
    await until(() => statSync(path).size >= taken * LINE.length)
    assert.equal(sink.write('last\n'), true)
    await sink.close()
    const expected = Array.from({ length: taken }, (_, n) => `${n} ${LINE}`)
    assert.equal(readFileSync(path, 'utf8'), `${expected.join('')}last\n`)
  }
)

test('lines of any script are counted by their bytes once they are on their way', bounded, async (t) => {
  const path = pathIn(t)
  const { sink, advance } = sinkAt(path, 100_000)
  const line = `${'漢'.repeat(999)}\n`
  const expected: string[] = []
  for (let round = 0; round < 20; round++) {
    for (let n = 0; n < 10; n++) {
      assert.equal(sink.write(line), true, `round ${round}`)
      expected.push(line)
    }
    advance(100)
    await until(() => statSync(path).size === Buffer.byteLength(line) * expected.length)
  }
  await sink.close()
  assert.equal(readFileSync(path, 'utf8'), expected.join(''))
})

test(
  'lines of any length and script arrive whole and in order, however they are gathered',
  bounded,
  async (t) => {
    const path = pathIn(t)
    const { sink, errors, advance } = sinkAt(path, 64 * 1024 * 1024)
    const pieces = ['x', '€', 'é', '𝄞']
    const lines: string[] = []
    for (let n = 0; n < 400; n++) {
      const length = n % 50 === 49 ? 300_000 : (n * 7919) % 3_000
      const line = `${n} ${(pieces[n % pieces.length] as string).repeat(length)}\n`
      lines.push(line)
      assert.ok(sink.write(line))
      if (n % 40 === 0) advance(100)
    }
    await sink.close()
    assert.equal(readFileSync(path, 'utf8') === lines.join(''), true)
    assert.deepEqual(errors, [])
  }
)

test('what was written makes room for the next lines, without new memory', bounded, async (t) => {
  const path = pathIn(t)
  const { sink } = sinkAt(path, 64 * 1024 * 1024)
  const allocate = t.mock.method(Buffer, 'allocUnsafeSlow')
  let running = 0
  const { write } = fs
  t.mock.method(fs, 'write', ((...args: unknown[]) => {
    const done = args.pop() as (...results: unknown[]) => void
    running++
    Reflect.apply(write, fs, [
      ...args,
      (...results: unknown[]) => {
        running--
        done(...results)
      }
    ])
  }) as typeof fs.write)
  const line = `${'x'.repeat(9_999)}\n`
  for (let round = 1; round <= 40; round++) {
    for (let n = 0; n < 30; n++) sink.write(line)
    await until(() => running === 0)
  }
  assert.ok(allocate.mock.callCount() <= 3, `${allocate.mock.callCount()} pieces`)
  await sink.close()
  assert.equal(readFileSync(path, 'utf8') === line.repeat(1_200), true)
})

test('lines that wait are written when the process exits', (t) => {
  const path = pathIn(t)
  const module = JSON.stringify(new URL('./file-sink.js', import.meta.url))
  const program = `
    import { FileSink, openToAppend } from ${module}
    const timers = { after: () => () => {}, every: () => () => {} }
    const sink = new FileSink(openToAppend(process.argv[1]), { maxBuffer: 1e6, timers, failed: console.error })
    for (let n = 0; n < 100; n++) sink.write(n + '\\n')
    process.exit(3)`
  const { status } = spawnSync(process.execPath, ['--input-type=module', '--eval', program, path])
  assert.equal(status, 3)
  assert.equal(readFileSync(path, 'utf8').split('\n').length, 101)
})

test(
  'another size of the buffer holds for the next line, and no line is lost over it',
  bounded,
  async (t) => {
    const path = pathIn(t)
    const { sink, errors } = sinkAt(path, 16 * 1024)
    const lines = (count: number): number => {
      let taken = 0
      for (let n = 0; n < count; n++) if (sink.write(LINE)) taken++
      return taken
    }
    const before = lines(20)
    sink.resize(64 * 1024)
    const more = lines(100)
    assert.deepEqual([before, before + more], [16, 65])
    sink.resize(16 * 1024)
    assert.equal(lines(1), 0)
    // Until what waits is below the new size.
    await until(() => sink.write(LINE))
    await sink.close()
    assert.deepEqual(errors, [])
    assert.equal(readFileSync(path, 'utf8'), LINE.repeat(before + more + 1))
  }
)
