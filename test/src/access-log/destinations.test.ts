import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, type Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream, rawClient } from '@gatewright/testing'
import type { Told } from '../support/gateway-process.js'
import { singlePool } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'

const bounded = { timeout: 20_000 }
const GET = 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n'
const PROGRAM = fileURLToPath(new URL('../support/gateway-process.js', import.meta.url))

function directoryOf(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'access-log-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return directory
}

const linesIn = (path: string): string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1)

test('a file has the lines of all requests when the gateway is closed', bounded, async (t) => {
  const path = join(directoryOf(t), 'access.log')
  writeFileSync(path, 'a line from before\n')
  const upstream = await fakeUpstream(t)
  const { gateway, url } = await startGateway(t, upstream.url, { accessLog: { destination: path } })
  for (let n = 0; n < 20; n++) await (await fetch(`${url}/${n}`)).text()
  await gateway.close()
  const [before, ...lines] = linesIn(path)
  assert.equal(before, 'a line from before')
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).path),
    Array.from({ length: 20 }, (_, n) => `/${n}`)
  )
  assert.deepEqual([gateway.app.accessLog.written, gateway.app.accessLog.dropped], [20, 0])
})

test('a file that was renamed is opened anew, and no line is lost between the two', bounded, async (t) => {
  const path = join(directoryOf(t), 'access.log')
  const upstream = await fakeUpstream(t)
  const { gateway, url } = await startGateway(t, upstream.url, { accessLog: { destination: path } })
  const { accessLog } = gateway.app
  await (await fetch(`${url}/old`)).text()
  while (accessLog.written < 1) await new Promise(setImmediate)
  renameSync(path, `${path}.1`)
  accessLog.reopen()
  await (await fetch(`${url}/new`)).text()
  rmSync(path)
  mkdirSync(path)
  assert.throws(() => accessLog.reopen(), /cannot be written/)
  rmSync(path, { recursive: true })
  accessLog.reopen()
  await (await fetch(`${url}/newest`)).text()
  await gateway.close()
  assert.deepEqual([linesIn(`${path}.1`).length, linesIn(path).length], [1, 1])
  assert.equal(JSON.parse(linesIn(`${path}.1`)[0] ?? '').path, '/old')
  assert.equal(JSON.parse(linesIn(path)[0] ?? '').path, '/newest')
  assert.deepEqual([accessLog.written, accessLog.dropped], [3, 0])
})

test('a request that is cut off when the gateway closes is in the file', bounded, async (t) => {
  const path = join(directoryOf(t), 'access.log')
  const upstream = await fakeUpstream(t, () => {})
  const { gateway, port } = await startGateway(t, upstream.url, { accessLog: { destination: path } })
  const client = await rawClient(port, { t })
  await client.write(GET)
  await upstream.request(1)
  await gateway.close()
  assert.deepEqual(
    linesIn(path).map((line) => JSON.parse(line).reason),
    ['draining']
  )
})

test('a pretty log may go to a file', bounded, async (t) => {
  const path = join(directoryOf(t), 'access.log')
  const upstream = await fakeUpstream(t)
  const accessLog = { destination: path, format: 'pretty' } as const
  const { gateway, url } = await startGateway(t, upstream.url, { accessLog })
  await (await fetch(`${url}/x`)).text()
  await gateway.close()
  assert.match(linesIn(path).join(), /^ {2}200 GET {3}\/x → \S+ [\d.]+ ms$/)
})

test('a destination that cannot be written stops the start', bounded, async (t) => {
  const directory = directoryOf(t)
  const file = join(directory, 'file')
  writeFileSync(file, '')
  mkdirSync(join(directory, 'sub'))
  for (const [destination, problem] of [
    [join(directory, 'sub'), /accessLog\.destination: '.*sub' cannot be written: EISDIR/],
    [join(directory, 'missing', 'a.log'), /accessLog\.destination: '.*a\.log' cannot be written: ENOENT/],
    [join(file, 'a.log'), /accessLog\.destination: '.*' cannot be written: ENOTDIR/],
    [{ wriet: () => {} }, /accessLog\.destination: must be a path or an object with write\(line\)/],
    [7, /accessLog\.destination: must be a path or an object with write\(line\)/]
  ] as const) {
    const accessLog = { destination } as unknown as NonNullable<GatewayServerConfig['accessLog']>
    const gateway = createGateway({ logger: false, accessLog })
    await assert.rejects(gateway.ready(), { code: 'GW_CONFIG_INVALID', message: problem })
    await gateway.close()
  }
})

test('a destination is opened once, whatever is compiled later', async (t) => {
  const destination = new PassThrough()
  const gateway = createGateway({ logger: false, accessLog: { destination } })
  t.after(() => gateway.close())
  await gateway.ready()
  const listeners = destination.listenerCount('error')
  await gateway.app.gateway.apply()
  assert.equal(destination.listenerCount('error'), listeners)
})

test('a buffer that holds next to nothing is refused', async () => {
  const accessLog = { destination: { write: () => {} }, maxBuffer: '1KiB' } as const
  const gateway = createGateway({ logger: false, accessLog })
  await assert.rejects(gateway.ready(), { message: /accessLog\.maxBuffer: must be 16KiB or more/ })
  await gateway.close()
})

test('a configuration of the wrong shape opens no destination', async (t) => {
  const path = join(directoryOf(t), 'access.log')
  const gateway = createGateway({
    logger: false,
    accessLog: { destination: path, wrong: true } as never
  })
  await assert.rejects(gateway.ready(), { code: 'GW_CONFIG_INVALID' })
  await gateway.close()
  assert.throws(() => statSync(path), { code: 'ENOENT' })
})

interface Piped {
  readonly url: string
  readonly child: ChildProcess
  readonly output: Readable
  readonly ended: Promise<number | string>
}

/** A gateway in a process of its own whose standard output is a pipe to this one. */
async function piped(t: TestContext, config: GatewayServerConfig): Promise<Piped> {
  const GATEWAY_CONFIG = JSON.stringify(config)
  const child = fork(PROGRAM, {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, GATEWAY_CONFIG }
  })
  t.after(() => child.kill('SIGKILL'))
  const ended = once(child, 'exit').then(([code, signal]) => code ?? signal)
  const [told] = (await once(child, 'message')) as [Told]
  assert.ok('url' in told)
  return { url: told.url, child, output: child.stdout as Readable, ended }
}

test('by default JSON lines go to standard output, all of them', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { url, child, output, ended } = await piped(t, { ...singlePool(upstream.url), logger: false })
  let text = ''
  output.on('data', (chunk) => {
    text += chunk
  })
  for (let n = 0; n < 5; n++) await (await fetch(`${url}/${n}`)).text()
  child.kill('SIGTERM')
  assert.equal(await ended, 0)
  const paths = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line).path]))
  assert.deepEqual(paths, ['/0', '/1', '/2', '/3', '/4'])
})

for (const format of ['json', 'pretty'] as const) {
  test(
    `standard output that nobody reads any more does not end the process (${format})`,
    bounded,
    async (t) => {
      const upstream = await fakeUpstream(t)
      const config = { ...singlePool(upstream.url), accessLog: { format } }
      const { url, child, output, ended } = await piped(t, config)
      assert.equal((await fetch(url)).status, 200)
      output.destroy()
      for (let n = 0; n < 100; n++) assert.equal(await (await fetch(url)).text(), 'ok')
      child.kill('SIGTERM')
      assert.equal(await ended, 0)
    }
  )

  test(
    `standard output that nobody empties delays neither requests nor the end (${format})`,
    bounded,
    async (t) => {
      const upstream = await fakeUpstream(t)
      const accessLog = { format, query: true, maxBuffer: '16KiB' } as const
      const { url, child, output, ended } = await piped(t, { ...singlePool(upstream.url), accessLog })
      output.pause()
      const long = `${url}/?a=${'x'.repeat(1_900)}`
      for (let n = 0; n < 400; n++) assert.equal(await (await fetch(long)).text(), 'ok')
      child.kill('SIGTERM')
      assert.equal(await ended, 0)
    }
  )
}

test('without an access log there is nothing on standard output', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { url, child, output, ended } = await piped(t, {
    ...singlePool(upstream.url),
    logger: false,
    accessLog: false
  })
  let text = ''
  output.on('data', (chunk) => {
    text += chunk
  })
  await (await fetch(url)).text()
  child.kill('SIGTERM')
  await ended
  assert.equal(text, '')
})
