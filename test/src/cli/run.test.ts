import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fakeUpstream } from '@gatewright/testing'
import { freePort } from '../support/free-port.js'
import { occupied } from '../support/listeners.js'
import { Running } from '../support/running-command.js'

const bounded = { timeout: 60_000 }

const HERE = 'listen: { port: 0, host: 127.0.0.1 }\n'
const says = (body: string): string =>
  `${HERE}routes: [{ id: hello, path: /hello, respond: { body: ${body} } }]\n`
const body = async (url: string): Promise<string> => await (await fetch(`${url}/hello`)).text()

test('a gateway runs from a file, and ends with 0 on SIGTERM', bounded, async (t) => {
  const upstream = await fakeUpstream(t, { body: 'from upstream' })
  const running = new Running(
    t,
    ['run'],
    `${HERE}pools: { app: { endpoints: ["\${UPSTREAM}"] } }\nroutes: [{ path: /*, pool: app }]\n`,
    { UPSTREAM: upstream.url }
  )
  const url = await running.listening()
  assert.equal(await (await fetch(`${url}/a/b`)).text(), 'from upstream')
  assert.deepEqual(
    upstream.requests.map(({ target }) => target),
    ['/a/b']
  )
  running.signal('SIGTERM')
  assert.equal((await running.ended()).code, 0)
})

test(
  'a change of the file is live; a wrong one is told with its line, and changes nothing',
  bounded,
  async (t) => {
    const running = new Running(t, ['run', 'gateway.yaml'], says('one'))
    const url = await running.listening()
    assert.equal(await body(url), 'one')
    running.write(says('two'))
    await running.printed(/"the configuration was changed"/)
    assert.equal(await body(url), 'two')
    running.write(says('three').replace('respond', 'respnd'))
    await running.printed(/gateway\.yaml:2:37 {2}routes\[0\]: unknown key 'respnd'; did you mean 'respond'\?/)
    assert.equal(await body(url), 'two')
    running.write('routes: [')
    await running.printed(/the configuration was not changed: it has problems/)
    assert.equal(await body(url), 'two')
    running.write(says('four'))
    await running.printed(/"the configuration was changed"/)
    assert.equal(await body(url), 'four')
  }
)

test(
  'with lint.failOn, a change that is risky is refused with its line, and old findings are not',
  bounded,
  async (t) => {
    const risky = (id: string): string =>
      `  - { id: ${id}, path: /${id}, pool: app, retry: { budgetPercent: 100 } }\n`
    const text = `${HERE}lint: { failOn: error }
pools: { app: { endpoints: [http://127.0.0.1:9, http://127.0.0.1:10] } }
routes:
  - { id: hello, path: /hello, respond: { body: one } }
${risky('old')}`
    const running = new Running(t, ['run'], text)
    const url = await running.listening()
    running.write(text.replace('one', 'two') + risky('new'))
    await running.printed(/gateway\.yaml:7:48 {2}routes\[2\]\.retry\.budgetPercent: .*\(retry\.no-budget\)/)
    assert.equal(await body(url), 'one')
    running.write(text.replace('one', 'three'))
    await running.printed(/"the configuration was changed"/)
    assert.equal(await body(url), 'three')
  }
)

test('what needs a restart keeps its value, and is named', bounded, async (t) => {
  const running = new Running(t, ['run'], says('one'))
  const url = await running.listening()
  running.write(says('two').replace('port: 0', 'port: 1'))
  await running.printed(/"needsRestart":\["listen"\]/)
  assert.equal(await body(url), 'two')
})

test('what begins anew with a change is told', bounded, async (t) => {
  const pools = (max: number) =>
    `${says('one')}pools: { app: { endpoints: ['http://127.0.0.1:1'], connections: { max: ${max} } } }\n`
  const running = new Running(t, ['run'], pools(5))
  await running.listening()
  running.write(pools(6))
  await running.printed(
    /"reset":\[\{"pool":"app","what":"connections","because":"connections has changed"\}\]/
  )
})

test('without watching, SIGHUP alone reads the file again', bounded, async (t) => {
  const running = new Running(t, ['run', '--no-watch'], says('one'))
  const url = await running.listening()
  running.write(says('two'))
  running.signal('SIGHUP')
  await running.printed(/"the configuration was changed"/)
  assert.equal(await body(url), 'two')
})

test('requests go on through changes, and none is lost', bounded, async (t) => {
  const running = new Running(t, ['run'], says('v0'))
  const url = await running.listening()
  let stop = false
  const seen = new Set<string>()
  const clients = Array.from({ length: 4 }, async () => {
    while (!stop) {
      const response = await fetch(`${url}/hello`)
      assert.equal(response.status, 200)
      seen.add(await response.text())
    }
  })
  for (let version = 1; version <= 5; version++) {
    running.write(says(`v${version}`))
    await running.printed(/"the configuration was changed"/)
    assert.equal(await body(url), `v${version}`)
  }
  stop = true
  await Promise.all(clients)
  assert.ok(seen.size >= 2, [...seen].join())
})

test('flags take the place of what the file says', bounded, async (t) => {
  const port = await freePort()
  const running = new Running(t, ['run', '--port', String(port), '--log-level', 'info'], says('one'))
  assert.equal(await running.listening(), `http://127.0.0.1:${port}`)
  running.write(says('two'))
  await running.printed(/"the configuration was changed"/)
  assert.equal(await body(`http://127.0.0.1:${port}`), 'two')
})

test(
  'a taken port, a wrong file and a missing one are a start that fails with 2 and says the cure',
  bounded,
  async (t) => {
    const port = await occupied(t)
    const taken = new Running(t, ['run', '--port', String(port)], says('one'))
    const first = await taken.ended()
    assert.equal(first.code, 2)
    assert.match(
      first.output,
      new RegExp(
        `gatewright: 127\\.0\\.0\\.1:${port}: another program listens there: stop it, or use another --port`
      )
    )
    const wrong = await new Running(t, ['run'], says('x').replace('body', 'bdy')).ended()
    assert.equal(wrong.code, 2)
    assert.match(
      wrong.output,
      /gateway\.yaml:2:\d+ {2}routes\[0\]\.respond: unknown key 'bdy'; did you mean 'body'\?\n {2}2 \| /
    )
    const missing = await new Running(t, ['run', 'gone.yaml'], says('x')).ended()
    assert.deepEqual([missing.code, missing.output], [2, 'there is no file gone.yaml\n'])
  }
)

test(
  'dev says when it is ready, shows requests for people, and problems with their lines',
  bounded,
  async (t) => {
    const running = new Running(t, ['dev'], says('one'))
    const url = await running.printed(/ready in \d+ ms {2}(http:\/\/127\.0\.0\.1:\d+) {2}1 route, 0 pools/)
    assert.equal(await body(url), 'one')
    await running.printed(/200 GET {3}\/hello/)
    running.write(says('two').replace('id: hello', 'ide: hello'))
    await running.printed(
      /not changed, the gateway goes on as it was:\ngateway\.yaml:2:12 {2}routes\[0\]: unknown key 'ide'/
    )
    running.write(says('two'))
    await running.printed(/changed: the configuration runs as revision 2/)
    assert.equal(await body(url), 'two')
  }
)

test('metrics and probes listen where the environment says', bounded, async (t) => {
  const port = await freePort()
  const env = { PROXY_METRICS_ADDRESS: `127.0.0.1:${port}`, PROXY_LOG_LEVEL: 'info' }
  const running = new Running(t, ['run'], says('one'), env)
  await running.listening()
  assert.equal((await fetch(`http://127.0.0.1:${port}/ready`)).status, 200)
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  assert.match(metrics, /^proxy_config_stale_seconds\{source="gateway\.yaml"\} 0$/m)
})

test('a URL goes over a file, and its failure holds up no change of the file', bounded, async (t) => {
  const server = await fakeUpstream(t, { body: 'maxHeaders: 77\n' })
  const running = new Running(t, ['run', 'gateway.yaml', server.url], says('one'))
  const url = await running.listening()
  assert.equal(await body(url), 'one')
  server.answers({ status: 503 })
  running.signal('SIGHUP')
  await running.printed(/the server has answered 503/)
  running.write(says('two'))
  // What SIGHUP read again may be told first.
  do await running.printed(/"the configuration was changed"/)
  while ((await body(url)) !== 'two')
})

test('signals in a storm are answered with few changes, and the last one counts', bounded, async (t) => {
  const running = new Running(t, ['run', '--no-watch'], says('one'))
  const url = await running.listening()
  for (let i = 0; i < 200; i++) running.signal('SIGHUP')
  running.write(says('two'))
  running.signal('SIGHUP')
  for (;;) {
    await running.printed(/"the configuration was changed"/)
    if ((await body(url)) === 'two') break
  }
})

test('proxy runs without a file', bounded, async (t) => {
  const upstream = await fakeUpstream(t, { body: 'hi' })
  const port = await freePort()
  const running = new Running(t, ['proxy', '--from', `127.0.0.1:${port}`, '--to', upstream.url], '')
  const url = await running.listening()
  assert.equal(await (await fetch(`${url}/x`)).text(), 'hi')
})

test('the package runs as the file that npm links', bounded, async (t) => {
  const { bin: names } = JSON.parse(
    readFileSync(new URL('../../../packages/cli/package.json', import.meta.url), 'utf8')
  )
  assert.deepEqual(names, { gatewright: 'bin/gatewright.js' })
  const ended = await new Running(t, ['version'], '').ended()
  assert.equal(ended.code, 0)
  assert.match(ended.output, /^gatewright \d+\.\d+\.\d+, Node /)
})
