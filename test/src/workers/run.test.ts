import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fakeUpstream, rawClient } from '@gatewright/testing'
import { freePort } from '../support/free-port.js'
import { KeptClients } from '../support/kept-clients.js'
import { occupied } from '../support/listeners.js'
import { Running } from '../support/running-command.js'

const bounded = { timeout: 90_000 }
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

const says = (body: string, upstream: string): string => `
listen: { port: 0, host: 127.0.0.1 }
metrics: { process: false }
probes: { port: \${PROBE_PORT} }
accessLog: false
shutdown: { wait: 200ms, drain: 2s }
pools: { app: { endpoints: ["${upstream}"] } }
routes:
  - { id: hello, path: /hello, respond: { body: ${body} } }
  - { id: app, path: /*, pool: app }
`

const SERVES = /"workerPid":(\d+),"msg":"a worker serves"/

async function started(t: TestContext, upstream: string, workers = 2) {
  const port = await freePort()
  const running = new Running(t, ['run', '--workers', String(workers)], says('one', upstream), {
    PROBE_PORT: String(port)
  })
  const pids: number[] = []
  for (let worker = 1; worker <= workers; worker++) pids.push(Number(await running.printed(SERVES)))
  const url = await running.printed(/"url":"([^"]+)","msg":"the workers serve"/)
  const probe = async (path: string) => await fetch(`http://127.0.0.1:${port}${path}`)
  const scrape = async (): Promise<{ readonly text: string; readonly hellos: number }> => {
    const text = await (await probe('/metrics')).text()
    const [, hellos = '-1'] =
      /^proxy_requests_total\{route="hello",pool="none",status="200"\} (\d+)$/m.exec(text) ?? []
    return { text, hellos: Number(hellos) }
  }
  return { running, url, pids, probe, scrape }
}

/** What connections of their own get. */
async function bodies(url: string, count: number): Promise<string[]> {
  const ask = async (): Promise<string> => {
    const asked = request(`${url}/hello`, { agent: new Agent() }).end()
    const [response] = await once(asked, 'response')
    let body = ''
    for await (const chunk of response) body += chunk
    return body
  }
  return [...new Set(await Promise.all(Array.from({ length: count }, ask)))]
}

/** The worker that has come last. */
function newest(running: Running): number {
  return Number(/\d+/.exec(running.last(/"workerPid":\d+,"msg":"a worker serves"/g) ?? ''))
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('workers are one gateway: restarted, changed, measured and stopped together', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { running, url, pids, probe, scrape } = await started(t, upstream.url)

  await t.test('requests on kept connections outlast a restart of all workers', async () => {
    const before = await scrape()
    const clients = new KeptClients(`${url}/hello`, 4)
    running.signal('SIGUSR2')
    await running.printed(/all workers were started anew/)
    const { answered, lost } = await clients.stop()
    assert.deepEqual(lost, [])
    assert.ok(answered > 50, String(answered))
    assert.ok(!pids.some(isAlive))
    // None is missing, though the workers that have counted them are gone.
    assert.equal((await scrape()).hellos - before.hellos, answered)
  })

  await t.test('a scrape shows all workers', async () => {
    const { text } = await scrape()
    for (const line of [
      'proxy_worker_up{worker="1"} 1',
      'proxy_worker_up{worker="2"} 1',
      'proxy_pool_total_endpoints{pool="app"} 1'
    ])
      assert.ok(text.includes(`\n${line}\n`), line)
    assert.match(text, /^proxy_workers_replaced_total\{because="restart"\} 2$/m)
    const open = await (await probe('/metrics')).text()
    assert.equal(open.split('# TYPE proxy_requests_total ').length, 2)
  })

  await t.test('a change reaches all, and a wrong one none', async () => {
    running.write(says('two', upstream.url))
    await running.printed(/"revision":2,"msg":"the configuration was changed"/)
    assert.deepEqual(await bodies(url, 8), ['two'])
    running.write(says('three', upstream.url).replace('respond', 'respnd'))
    await running.printed(/gateway\.yaml:9:\d+ {2}routes\[0\]: unknown key 'respnd'/)
    assert.deepEqual(await bodies(url, 8), ['two'])
    assert.match((await scrape()).text, /^proxy_config_revision 2$/m)
  })

  await t.test(
    'a worker that crashes loses its own requests, is replaced, and has what the others run',
    async () => {
      const before = await scrape()
      const victim = newest(running)
      const clients = new KeptClients(`${url}/hello`, 4)
      await delay(50)
      process.kill(victim, 'SIGKILL')
      await running.printed(SERVES)
      const { lost } = await clients.stop()
      assert.ok(lost.length <= 4, lost.join())
      // The file is still wrong.
      assert.deepEqual(await bodies(url, 8), ['two'])
      assert.ok((await scrape()).hellos >= before.hellos)
    }
  )

  await t.test('a worker that stands still does not hold up the others', async () => {
    const stuck = newest(running)
    process.kill(stuck, 'SIGSTOP')
    const answers: string[] = []
    const all = Promise.all(Array.from({ length: 6 }, async () => answers.push(...(await bodies(url, 1)))))
    while (answers.length < 5) await delay(5)
    assert.equal((await probe('/ready')).status, 200)
    process.kill(stuck, 'SIGCONT')
    await all
    assert.deepEqual([...new Set(answers)], ['two'])
  })

  await t.test('SIGTERM stops all in stages, and prints them', async () => {
    const held = upstream.hold()
    const client = await rawClient(url, { t })
    await client.write(GET)
    const { respond } = await held
    running.signal('SIGTERM')
    await running.printed(/stopping\n +\d ms {2}worker \d {2}waiting {5}not ready/)
    assert.equal((await probe('/ready')).status, 503)
    await running.printed(
      /ms {2}worker \d {2}draining {4}no new connections, for at most 2000 ms; 1 request under way/
    )
    await respond.answer({ body: 'finished' })
    assert.equal((await client.response()).text, 'finished')
    const { code, output } = await running.ended()
    assert.equal(code, 0, output)
    assert.match(output, /worker \d {2}closed {6}nothing is left[\s\S]*ms {2}stopped, exit code 0\n$/)
  })
})

test('workers end with their primary, and what is in flight has its time', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { running, url } = await started(t, upstream.url, 1)
  const held = upstream.hold()
  const client = await rawClient(url, { t })
  await client.write(GET)
  const { respond } = await held
  running.signal('SIGKILL')
  await delay(50)
  await respond.answer({ body: 'finished' })
  assert.equal((await client.response()).text, 'finished')
  // All that had its output have ended.
  await running.ended()
})

test('a start that fails says why once, and exits with 2', bounded, async (t) => {
  const wrong = await new Running(t, ['run', '--workers', '3'], 'routes: [{ path: /x, pool: none }]').ended()
  assert.deepEqual([wrong.code, wrong.output.match(/there is no pool 'none'/g)?.length], [2, 1])
  assert.match(wrong.output, /^gateway\.yaml:1:\d+ {2}routes\[0\]\.pool: /)
  const port = await occupied(t)
  const taken = await new Running(
    t,
    ['run', '--workers', '2', '--port', String(port)],
    'listen: { host: 127.0.0.1 }\nroutes: [{ path: /x, respond: { body: x } }]'
  ).ended()
  assert.deepEqual(
    [taken.code, taken.output],
    [
      2,
      `gatewright: 127.0.0.1:${port}: another program listens there: stop it, or use another --port (EADDRINUSE)\n`
    ]
  )
})
