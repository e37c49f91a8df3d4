import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream, rawClient, type Script } from '@gatewright/testing'
import type { Told } from '../support/gateway-process.js'
import { occupied, PROBES, probe } from '../support/listeners.js'
import { singlePool } from '../support/single-pool.js'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const SILENT: Script = () => {}
const bounded = { timeout: 20_000 }
const PROGRAM = fileURLToPath(new URL('../support/gateway-process.js', import.meta.url))

interface GatewayProcess {
  readonly child: ChildProcess
  /** Its exit code; a signal's name when that ended it. */
  readonly ended: Promise<number | string>
  readonly told: Told
}

async function startProcess(
  t: TestContext,
  config: GatewayServerConfig,
  port = 0,
  host = '127.0.0.1',
  env: NodeJS.ProcessEnv = {}
): Promise<GatewayProcess> {
  const child = fork(PROGRAM, {
    env: {
      ...process.env,
      NODE_TEST_CONTEXT: undefined,
      GATEWAY_CONFIG: JSON.stringify({ logger: false, accessLog: false, ...config }),
      GATEWAY_PORT: String(port),
      GATEWAY_HOST: host,
      ...env
    }
  })
  t.after(() => child.kill('SIGKILL'))
  const ended = once(child, 'exit').then(([code, signal]) => code ?? signal)
  const [told] = (await once(child, 'message')) as [Told]
  return { child, ended, told }
}

async function startListening(
  t: TestContext,
  config: GatewayServerConfig,
  host?: string,
  env?: NodeJS.ProcessEnv
) {
  const { told, ...rest } = await startProcess(t, config, 0, host, env)
  assert.ok('url' in told)
  return { ...told, ...rest }
}

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  test(`${signal} lets the requests in flight finish, and the process exits with 0`, bounded, async (t) => {
    const upstream = await fakeUpstream(t)
    const { child, ended, url } = await startListening(t, singlePool(upstream.url))
    const held = upstream.hold()
    const client = await rawClient(url, { t })
    await client.write(GET)
    const { respond } = await held
    child.kill(signal)
    await refuses(url)
    await respond.answer({ body: 'finished' })
    const response = await client.response()
    assert.equal(response.text, 'finished')
    assert.equal(response.header('connection'), 'close')
    assert.equal(await ended, 0)
    await upstream.connectionClosed(1)
  })

test('an idle gateway exits with 0 at once', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { child, ended, url } = await startListening(t, singlePool(upstream.url))
  const client = await rawClient(url, { t })
  await client.write(GET)
  await client.response()
  child.kill('SIGTERM')
  assert.equal(await ended, 0)
  assert.equal(await client.closed, 'end')
})

test(
  'after the first signal the probes say so; a second one cuts everything off, and the process exits with 1',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t, SILENT)
    const { child, ended, url, probePort } = await startListening(t, {
      ...singlePool(upstream.url),
      probes: PROBES,
      shutdown: { wait: '60s', drain: '60s' }
    })
    const client = await rawClient(url, { t })
    await client.write(GET)
    const seen = await upstream.request(1)
    assert.equal(await probe(probePort, '/ready'), 200)
    child.kill('SIGTERM')
    while ((await probe(probePort, '/ready')) !== 503) await setImmediate()
    assert.equal(await probe(probePort, '/live'), 200)
    child.kill('SIGINT')
    assert.equal(await ended, 1)
    await client.closed
    const { status, text } = await client.response()
    assert.deepEqual([status, JSON.parse(text).reason], [503, 'draining'])
    assert.equal(await seen.aborted, 'waiting')
  }
)

test(
  'with metrics alone there are probes, and requests are served while readiness fails',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    // An address of this process alone: the port is the usual one.
    const host = `127.${[16, 8, 0].map((bits) => (process.pid >> bits) & 255 || 1).join('.')}`
    const config = { ...singlePool(upstream.url), metrics: true }
    const { child, ended, url, probePort } = await startListening(t, config, host)
    assert.equal(probePort, 8085)
    const ready = async (): Promise<number> => (await fetch(`http://${host}:8085/ready`)).status
    assert.equal(await ready(), 200)
    child.kill('SIGTERM')
    while ((await ready()) !== 503) await setImmediate()
    assert.equal((await fetch(url)).status, 200)
    child.kill('SIGTERM')
    assert.equal(await ended, 1)
  }
)

test('a second signal while it drains cuts off what is in flight', bounded, async (t) => {
  const upstream = await fakeUpstream(t, SILENT)
  const { child, ended, url } = await startListening(t, singlePool(upstream.url))
  const client = await rawClient(url, { t })
  await client.write(GET)
  await upstream.request(1)
  child.kill('SIGTERM')
  await refuses(url)
  child.kill('SIGTERM')
  assert.equal(await ended, 1)
  await client.closed
})

test(
  'an event stream that is open when the time to drain is over is cut off, and the process exits with 0',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t, (_request, respond) => {
      void respond.stream({ headers: { 'content-type': 'text/event-stream' } }).write('data: 1\n\n')
    })
    const { child, ended, url } = await startListening(t, {
      ...singlePool(upstream.url),
      shutdown: { drain: '100ms' }
    })
    const client = await rawClient(url, { t })
    await client.write(GET)
    await client.until('data: 1')
    child.kill('SIGTERM')
    assert.equal(await ended, 0)
    assert.equal((await client.response()).complete, false)
  }
)

test('the process exits with 1 when a hook of its end fails', bounded, async (t) => {
  const { child, ended } = await startListening(t, singlePool('http://127.0.0.1:1'), undefined, {
    CLOSE_FAILS: 'yes'
  })
  child.kill('SIGTERM')
  assert.equal(await ended, 1)
})

test('with signals: false they end the process as they always do', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { child, ended } = await startListening(t, {
    ...singlePool(upstream.url),
    shutdown: { signals: false }
  })
  child.kill('SIGTERM')
  assert.equal(await ended, 'SIGTERM')
})

test('nothing of a gateway that could not listen keeps its process alive', bounded, async (t) => {
  const config = { ...singlePool('http://127.0.0.1:1'), probes: PROBES }
  const { told, ended } = await startProcess(t, config, await occupied(t))
  assert.deepEqual(told, { failed: 'EADDRINUSE' })
  assert.equal(await ended, 0)
})

// Resolves when the gateway takes no more connections.
async function refuses(url: string): Promise<void> {
  for (;;) {
    const client = await rawClient(url).catch(() => null)
    if (client === null) return
    client.close()
  }
}
