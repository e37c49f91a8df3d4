import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { type TestContext, test } from 'node:test'
import type { AccessLogConfig, AccessLogOptions } from '@gatewright/access-log'
import type { Applied, ApplyOptions } from '@gatewright/core'
import { fakeUpstream, gate } from '@gatewright/testing'
import { startGateway } from '../support/start-gateway.js'

const bounded = { timeout: 20_000 }

function directoryOf(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'access-log-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return directory
}

function pathsIn(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line).path)
}

/** How often this process has the file open. */
function timesOpen(file: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(join('/proc/self/fd', fd)) === file
    } catch {
      return false
    }
  }).length
}

/** Resolves when this holds; what it waits for happens on the system's side, without an event. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate)
}

/** A destination in memory. */
class Lines {
  readonly all: Record<string, unknown>[] = []

  write(line: string): void {
    this.all.push(JSON.parse(line))
  }

  get paths(): unknown[] {
    return this.all.map(({ path }) => path)
  }
}

async function logged(t: TestContext, accessLog: AccessLogConfig) {
  const upstream = await fakeUpstream(t)
  const { gateway, url } = await startGateway(t, upstream.url, { accessLog })
  const kernel = gateway.app.gateway
  const change = (next: AccessLogConfig, options: ApplyOptions = {}): Promise<Applied> =>
    kernel.apply({ ...kernel.config, accessLog: next }, options)
  /** Resolves when the request is over and what is told of it was told. */
  const ask = async (path: string): Promise<void> => {
    const before = kernel.inFlight
    await (await fetch(`${url}${path}`)).text()
    await until(() => kernel.inFlight <= before)
  }
  return { gateway, kernel, upstream, url, ask, change, log: gateway.app.accessLog }
}

test('the access log is switched on and off while the gateway runs', bounded, async (t) => {
  const { ask, change, kernel, log } = await logged(t, false)
  const lines = new Lines()
  await ask('/off')
  await change({ destination: lines })
  await ask('/on')
  await change(false)
  await ask('/off-again')
  assert.deepEqual(lines.paths, ['/on'])
  assert.deepEqual([log.written, log.dropped], [1, 0])
  assert.deepEqual(kernel.snapshot.stages.exchangeObservers, [])
})

test('fields, redaction and selection are those of the latest configuration', bounded, async (t) => {
  const destination = new Lines()
  const { ask, change } = await logged(t, { destination })
  await ask('/1?tenant=acme')
  await change({ destination, query: true })
  await ask('/2?tenant=acme')
  await change({ destination, query: true, redactQuery: ['tenant'] })
  await ask('/3?tenant=acme')
  await change({ destination, successes: 0 })
  await ask('/4')
  await change({ destination, headers: ['accept'] })
  await ask('/5')
  assert.deepEqual(
    destination.all.map(({ path, query, headers }) => [path, query, headers]),
    [
      ['/1', undefined, undefined],
      ['/2', 'tenant=acme', undefined],
      ['/3', 'tenant=***', undefined],
      ['/5', undefined, { accept: '*/*' }]
    ]
  )
})

test(
  'a request under way over the change is written as it began, to where it began; the old file is then closed',
  bounded,
  async (t) => {
    const directory = directoryOf(t)
    const [old, now] = [join(directory, 'old.log'), join(directory, 'now.log')]
    const { gateway, ask, change, kernel, upstream, url } = await logged(t, {
      destination: old,
      query: true
    })
    const held = upstream.hold()
    const answered = fetch(`${url}/held?a=1`)
    const { respond } = await held
    await change({ destination: now })
    await ask('/after?a=1')
    assert.deepEqual([timesOpen(old), timesOpen(now), kernel.retiring], [1, 1, 1])
    await respond.answer({ body: 'ok' })
    await (await answered).text()
    await until(() => timesOpen(old) === 0)
    assert.deepEqual(pathsIn(old), ['/held'])
    assert.match(readFileSync(old, 'utf8'), /"query":"a=1"/)
    await gateway.close()
    assert.deepEqual(pathsIn(now), ['/after'])
    assert.doesNotMatch(readFileSync(now, 'utf8'), /"query"/)
    assert.equal(timesOpen(now), 0)
  }
)

test('a file stays open where only other settings change, and so does its descriptor', bounded, async (t) => {
  const file = join(directoryOf(t), 'access.log')
  const { gateway, ask, change, log } = await logged(t, { destination: file })
  await ask('/1')
  const others: Partial<AccessLogOptions>[] = [
    { query: true },
    { successes: 100 },
    { maxBuffer: '64KiB' },
    { maxBuffer: '2MiB' },
    {}
  ]
  for (const more of others) {
    await change({ destination: file, ...more })
    await ask('/2')
    assert.equal(timesOpen(file), 1)
  }
  await gateway.close()
  assert.deepEqual(pathsIn(file), ['/1', '/2', '/2', '/2', '/2', '/2'])
  assert.deepEqual([log.written, log.dropped], [6, 0])
})

test('a destination that cannot be opened refuses the change, and the log goes on', bounded, async (t) => {
  const directory = directoryOf(t)
  const file = join(directory, 'access.log')
  const { gateway, ask, change, kernel } = await logged(t, { destination: file })
  const destination = join(directory, 'missing', 'access.log')
  await assert.rejects(change({ destination }), {
    code: 'GW_CONFIG_INVALID',
    message: /accessLog\.destination: '.*missing.*' cannot be written: ENOENT/
  })
  await assert.rejects(change({ destination: file, maxBuffer: '1KiB' }), {
    message: /accessLog\.maxBuffer: must be 16KiB or more/
  })
  assert.equal(kernel.snapshot.revision, 1)
  await ask('/after')
  await gateway.close()
  assert.deepEqual(pathsIn(file), ['/after'])
})

test('a change that is refused later, or only tried, leaves no destination open', bounded, async (t) => {
  const directory = directoryOf(t)
  const [old, now] = [join(directory, 'old.log'), join(directory, 'now.log')]
  const { ask, change, kernel, log } = await logged(t, { destination: old })
  await change({ destination: now, query: true }, { dryRun: true })
  await until(() => timesOpen(now) === 0)
  const stream = new PassThrough()
  await change({ destination: stream }, { dryRun: true })
  await until(() => stream.listenerCount('error') === 0)
  kernel.changes.push({ name: 'late', prepare: (_next, _previous, problems) => void problems.push('no') })
  await assert.rejects(change({ destination: now }), { message: /no/ })
  await until(() => timesOpen(now) === 0)
  await ask('/after')
  assert.deepEqual([timesOpen(old), log.written], [1, 1])
})

test(
  'after a change a renamed file is opened anew: the current one, and the one that still has requests',
  bounded,
  async (t) => {
    const directory = directoryOf(t)
    const [old, now] = [join(directory, 'old.log'), join(directory, 'now.log')]
    const { gateway, ask, change, log, upstream, url } = await logged(t, { destination: old })
    const held = upstream.hold()
    const answered = fetch(`${url}/held`)
    const { respond } = await held
    await change({ destination: now })
    await ask('/1')
    for (const file of [old, now]) renameSync(file, `${file}.1`)
    log.reopen()
    await ask('/2')
    await respond.answer({ body: 'ok' })
    await (await answered).text()
    await until(() => timesOpen(old) === 0)
    rmSync(now)
    mkdirSync(now)
    assert.throws(() => log.reopen(), /cannot be written/)
    rmSync(now, { recursive: true })
    log.reopen()
    await ask('/3')
    await gateway.close()
    assert.deepEqual([pathsIn(`${old}.1`), pathsIn(old)], [[], ['/held']])
    assert.deepEqual([pathsIn(`${now}.1`), pathsIn(now)], [['/1'], ['/3']])
    assert.deepEqual([log.written, log.dropped], [4, 0])
  }
)

test('200 changes under traffic lose no line and leave nothing open', bounded, async (t) => {
  const directory = directoryOf(t)
  const files = ['a', 'b', 'c'].map((name) => join(directory, name))
  const { gateway, ask, change, log } = await logged(t, { destination: files[0] as string })
  let running = true
  let asked = 0
  const traffic = [1, 2, 3].map(async () => {
    while (running) {
      await ask('/x')
      asked++
    }
  })
  for (let n = 0; n < 200; n++) {
    if (n % 7 === 6) await change({ destination: files[n % 3] as string, query: true })
    else await change({ destination: files[n % 3] as string })
  }
  running = false
  await Promise.all(traffic)
  await until(() => files.reduce((sum, file) => sum + timesOpen(file), 0) === 1)
  await gateway.close()
  assert.equal(files.flatMap(pathsIn).length, asked)
  assert.deepEqual([log.written, log.dropped], [asked, 0])
})

test('a change to the same log neither opens nor listens again', bounded, async (t) => {
  const destination = new PassThrough()
  destination.resume()
  const { ask, change } = await logged(t, { destination })
  const listeners = destination.listenerCount('error')
  for (let n = 0; n < 20; n++) await change({ destination })
  await ask('/x')
  assert.equal(destination.listenerCount('error'), listeners)
  await change(false)
  await until(() => destination.listenerCount('error') === 0)
})

test(
  'a request that a hook of the app holds over the change is in the new log, where the old one is closed',
  bounded,
  async (t) => {
    const directory = directoryOf(t)
    const [old, now] = [join(directory, 'old'), join(directory, 'new')]
    const upstream = await fakeUpstream(t)
    const [arrived, held] = [gate(), gate()]
    const config = {
      pools: { api: { endpoints: [upstream.url] } },
      routes: [{ path: '/*', pool: 'api' }],
      accessLog: { destination: old }
    } as const
    const { gateway, url } = await startGateway(t, config, {}, {}, (built) =>
      built.app.addHook('onRequest', async ({ headers }) => {
        if (headers['x-wait'] === undefined) return
        arrived.open()
        await held
      })
    )
    const waiting = fetch(`${url}/waits`, { headers: { 'x-wait': 'yes' } })
    await arrived
    await gateway.app.gateway.apply({
      ...gateway.app.gateway.config,
      accessLog: { destination: now }
    } as never)
    await until(() => timesOpen(old) === 0)
    held.open()
    assert.equal((await waiting).status, 200)
    await gateway.close()
    assert.deepEqual([pathsIn(old), pathsIn(now)], [[], ['/waits']])
    assert.equal(gateway.app.accessLog.dropped, 0)
  }
)
