import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type CommandOutput, runCommand } from '../support/run-command.js'

const CONFIG = `pools:
  users:
    endpoints: [http://a.test, http://b.test, http://c.test]
    outlierDetection: { consecutiveErrors: 5 }
    circuitBreaker: true
    retry: idempotent
  other: { endpoints: [http://d.test] }
routes:
  - { id: users, path: /users/*, pool: users }
  - { id: other, path: /other/*, pool: other }
`

const simulated = (t: TestContext, ...argv: string[]): Promise<CommandOutput> =>
  runCommand(t, ['simulate', ...argv], { 'gateway.yaml': CONFIG })

const users = (t: TestContext, ...argv: string[]): Promise<CommandOutput> =>
  simulated(t, '--pool', 'users', '--for', '20s', ...argv)

test('an endpoint that is killed is ejected, and its requests go elsewhere', async (t) => {
  const { code, out } = await users(t, '--fault', 'kill:0@5s-10s', '--json')
  const { goodput, endpoints, events, timeline, errors } = JSON.parse(out)
  assert.deepEqual(
    [code, goodput, endpoints, errors],
    [0, 1, ['http://a.test', 'http://b.test', 'http://c.test'], []]
  )
  assert.match(events[0].text, /^http:\/\/a\.test is ejected: 5 faults in a row/)
  assert.ok(events[0].atMs >= 5_000 && events[0].atMs < 6_000)
  assert.ok(timeline[2].byEndpoint[0] > 0)
  assert.equal(timeline[8].byEndpoint[0], 0)
})

test('errors open the breaker, and too few good responses end with 1', async (t) => {
  const args = ['--fault', 'errors=100%@5s', '--least-good']
  const { code, out } = await users(t, ...args, '99.9')
  assert.equal(code, 1)
  assert.match(out, /reasons +circuit_open: \d+/)
  assert.match(out, /s +the breaker of the pool is open: \d+ of \d+ attempts within 10 s/)
  assert.equal((await users(t, ...args, '20')).code, 0)
})

test('each fault reaches the endpoints that it names, while it lasts', async (t) => {
  const p99 = async (...argv: string[]): Promise<number[]> => {
    const { out } = await users(t, '--service', '10ms,10ms', '--json', ...argv)
    const { timeline } = JSON.parse(out) as { timeline: { p99Ms: number }[] }
    return timeline.map(({ p99Ms }) => Math.round(p99Ms))
  }
  const slow = await p99('--fault', 'slow=30@5s-10s')
  assert.deepEqual([slow[2], slow[7], slow[15]], [10, 300, 10])
  const paused = JSON.parse((await users(t, '--fault', 'pause@5s-7s', '--json')).out)
  assert.deepEqual([paused.timeline[6].good, paused.timeline[7].good > 100], [0, true])
  const holed = await users(t, '--fault', 'black-hole:1', '--json', '--for', '5s')
  assert.ok(JSON.parse(holed.out).timeline[0].byEndpoint[1] > 0)
})

test('the same seed gives the same result, another seed another one', async (t) => {
  const args = ['--fault', 'errors=20%:1', '--json']
  const [first, again, other] = [
    await users(t, ...args),
    await users(t, ...args, '--seed', '1'),
    await users(t, ...args, '--seed', '2')
  ]
  assert.equal(first.out, again.out)
  assert.notEqual(first.out, other.out)
})

test('endpoints work as --service and --capacity say, one each', async (t) => {
  const services = ['10ms', '10ms', '200ms'].flatMap((service) => ['--service', service])
  const { out } = await users(t, ...services, '--json')
  const byEndpoint = JSON.parse(out).timeline[5].byEndpoint as number[]
  assert.ok((byEndpoint[2] ?? 0) < (byEndpoint[0] ?? 0))
  const full = await users(t, '--service', '100ms,100ms', '--capacity', '1', '--json')
  assert.ok(JSON.parse(full.out).p99Ms > 1_000)
})

test('nothing is sent, and no other service is asked', async (t) => {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end()
  })
  server.on('connection', () => asked.push('a connection'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const file = `metrics: { listener: app }
accessLog: { destination: access.log }
authentication:
  schemes:
    tokens: { type: jwt, issuer: '${url}', audience: api, keys: { url: '${url}/keys', allowHttp: true } }
auth: tokens
authorize: { scopes: [read] }
policies: { open: { auth: false, authorize: false } }
pools: { main: { endpoints: ['${url}'], health: { interval: 1s } } }
routes:
  - { path: /*, pool: main, filters: [{ type: ext_authz_http, name: ask, pool: main }] }
  - { path: /open, pool: main, use: [open] }
`
  const { code, out, err, cwd } = await runCommand(t, ['simulate', '--for', '1h', '--rate', '1', '--json'], {
    'gateway.yaml': file
  })
  assert.deepEqual([code, err, JSON.parse(out || '{}').goodput], [0, '', 1])
  assert.deepEqual(asked, [])
  assert.deepEqual(readdirSync(cwd), ['gateway.yaml'])
})

test('nothing good has no times, and many seconds make twenty rows', async (t) => {
  const { out } = await users(t, '--fault', 'errors=100%', '--for', '60s')
  assert.match(out, /^times +none was good$/m)
  assert.equal(out.split('\n').filter((line) => /^ +\d+ +\d+ /.test(line)).length, 20)
  for (const line of out.split('\n')) assert.ok(line.length <= 80, line)
})

test('the timeline is drawn into a file', async (t) => {
  const { cwd, code } = await users(t, '--svg', 'timeline.svg')
  assert.equal(code, 0)
  assert.match(readFileSync(join(cwd, 'timeline.svg'), 'utf8'), /^<svg .*good answers\/s/)
})

const MISTAKES: readonly [argv: readonly string[], expected: RegExp][] = [
  [['--pool', 'usres'], /--pool: there is no pool 'usres'; did you mean 'users'\?/],
  [[], /--pool is missing: one of users, other/],
  [['--pool', 'users', '--route', 'other'], /--route: pool 'users' has no route 'other'; valid: 'users'/],
  [['--pool', 'users', '--fault', 'klil'], /'klil' must begin with one of kill, black-hole, flap, slow/],
  [
    ['--pool', 'users', '--fault', 'kill 0'],
    /'kill 0' must be KIND\[=VALUE\]\[:ENDPOINT\]\[@FROM\[-UNTIL\]\]/
  ],
  [['--pool', 'users', '--fault', 'kill=2'], /'kill=2' must have no value: kill/],
  [
    ['--pool', 'users', '--fault', 'kill:3'],
    /names an endpoint that the pool lacks: it has 3, counted from 0/
  ],
  [['--pool', 'users', '--fault', 'kill@9s-8s'], /must end after it begins/],
  [['--pool', 'users', '--fault', 'kill@9x'], /has '9x', which is no duration/],
  [['--pool', 'users', '--fault', 'slow'], /needs how many times slower, as in slow=5/],
  [['--pool', 'users', '--fault', 'slow=50%'], /needs how many times slower, as in slow=5/],
  [['--pool', 'users', '--fault', 'errors=5'], /needs how many of the responses, as in errors=50%/],
  [['--pool', 'users', '--fault', 'errors=101%'], /needs how many of the responses, as in errors=50%/],
  [['--pool', 'users', '--fault', 'pause@5s'], /must end, as in pause@5s-7s/],
  [['--pool', 'users', '--fault', 'pause:0@5s-7s'], /it is the gateway that pauses/],
  [['--pool', 'users', '--service', '20ms,10ms'], /a 99th percentile below its median/],
  [['--pool', 'users', '--service', '1ms,2ms,3ms'], /must be MEDIAN or MEDIAN,P99/],
  [['--pool', 'users', '--service', '1ms', '--service', '2ms'], /once, or once for each of 3 endpoints/],
  [['--for', '10'], /--for: '10' must be a duration from 1000 ms to 24 h/],
  [['--rate', '100000', '--for', '1h'], /at most 2,000,000 requests in all/],
  [['--least-good', '101'], /must be a percentage from 0 to 100, such as 99\.9/]
]

for (const [argv, expected] of MISTAKES)
  test(`simulate ${argv.join(' ')} is told what is wrong`, async (t) => {
    const { code, err, out } = await simulated(t, ...argv)
    assert.deepEqual([code, out], [2, ''])
    assert.match(err, expected)
  })
