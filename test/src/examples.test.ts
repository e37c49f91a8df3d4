import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import type { Readable } from 'node:stream'
import test, { type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { fakeUpstream } from '@gatewright/testing'

const root = fileURLToPath(new URL('../../', import.meta.url))

async function freePort(): Promise<string> {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return String(port)
}

// Runs a program of the repository; ends it with the test.
function run(t: TestContext, file: string, args: string[], env: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, [`${root}${file}`, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  t.after(() => child.kill('SIGKILL'))
  return child
}

// Resolves once the pattern has been printed. The program may go on printing.
async function printed(child: ChildProcess, pattern: RegExp): Promise<void> {
  const { stdout } = child as ChildProcess & { stdout: Readable }
  let text = ''
  stdout.on('data', (chunk) => {
    text += chunk
  })
  while (!pattern.test(text)) await once(stdout, 'data')
}

async function start(t: TestContext, name: string, env: Record<string, string>): Promise<string> {
  const PORT = await freePort()
  await printed(run(t, `examples/${name}/dist/server.js`, [], { ...env, PORT }), /Server listening/)
  return `http://127.0.0.1:${PORT}`
}

const limit = { timeout: 30_000 }

test('minimal forwards everything', limit, async (t) => {
  const upstream = await fakeUpstream(t, { body: 'hello' })
  const url = await start(t, 'minimal', { UPSTREAM: upstream.url })
  assert.equal(await (await fetch(`${url}/a`)).text(), 'hello')
})

test(
  'middleware asks for a key, names its holder upstream, reads reports and limits the rate',
  limit,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const url = await start(t, 'middleware', { UPSTREAM: upstream.url })
    assert.equal((await fetch(`${url}/private/x`)).status, 401)
    const headers = { 'x-api-key': 'let-me-in', 'x-user-id': 'forged', 'content-type': 'application/json' }
    const answer = await fetch(`${url}/private/x`, { headers })
    assert.equal(answer.status, 200)
    assert.equal(answer.headers.get('x-served-by'), 'gatewright')
    assert.ok(Number(answer.headers.get('x-ratelimit-remaining')) < 100)
    assert.deepEqual(upstream.requests[0]?.headerAll('x-user-id'), ['holder-of-the-key'])
    assert.equal((await fetch(`${url}/reports/`, { method: 'POST', headers, body: '{}' })).status, 422)
    const body = '{ "title":  "spaces stay" }'
    assert.equal((await fetch(`${url}/reports/`, { method: 'POST', headers, body })).status, 200)
    assert.equal(upstream.requests[1]?.body.toString(), body)
  }
)

test('advanced routes by host, cohort and tenant, and changes weights while it runs', limit, async (t) => {
  const [u1, u2, s1, s2] = await Promise.all(
    ['u1', 'u2', 's1', 's2'].map((body) => fakeUpstream(t, { body }))
  )
  assert.ok(u1 && u2 && s1 && s2)
  const url = await start(t, 'advanced', { USERS: `${u1.url},${u2.url}`, SHOP: `${s1.url},${s2.url}` })
  // fetch sends no Host of one's own.
  const text = (path: string, headers: Record<string, string> = {}): Promise<string> =>
    new Promise((resolve, reject) => {
      request(`${url}${path}`, { headers }, async (response) => {
        let body = ''
        for await (const chunk of response) body += chunk
        resolve(body)
      })
        .on('error', reject)
        .end()
    })
  assert.equal(await text('/users/7', { 'x-tenant': 'a' }), await text('/users/8', { 'x-tenant': 'a' }))
  assert.match(await text('/', { host: 'shop.example.com' }), /^s[12]$/)
  await text('/cart', { host: 'shop.example.com', 'x-cohort': 'beta' })
  assert.ok([...s1.requests, ...s2.requests].some(({ target }) => target === '/beta/cart'))
  assert.equal((await fetch(`${url}/status/trial/0`, { method: 'POST' })).status, 200)
  for (let n = 0; n < 20; n++) assert.equal(await text('/', { host: 'shop.example.com' }), 's1')
  const moved = await fetch(`${url}/legacy/x?a=1`, { redirect: 'manual' })
  assert.equal(moved.status, 308)
  assert.equal(moved.headers.get('location'), `${url}/users?a=1`)
  assert.match(await text('/whoami'), /127\.0\.0\.1/)
  assert.match(await text('/native/users/7'), /^u[12]$/)
  assert.equal(await text('/robots.txt'), 'Disallow: /')
})

test(
  'observability tells why the first 503 came, and makes the alerts and the dashboard that are there',
  limit,
  async (t) => {
    const files = ['rules.yml', 'dashboard.json'].map(
      (name) => new URL(`../../examples/observability/${name}`, import.meta.url)
    )
    const before = files.map((file) => readFileSync(file, 'utf8'))
    const env = { PORT: await freePort(), PROBES: await freePort(), PERIOD: '6' }
    const child = run(t, 'examples/observability/dist/server.js', [], env)
    await printed(child, /The first 503, and why:\nGET \/shop\/items\/\d → 503 circuit_open[\s\S]*Route shop/)
    assert.deepEqual(
      files.map((file) => readFileSync(file, 'utf8')),
      before
    )
    const metrics = await (await fetch(`http://127.0.0.1:${env.PROBES}/metrics`)).text()
    assert.match(metrics, /^proxy_breaker_trips_total\{pool="shop"\} 1$/m)
    const exit = once(child, 'exit')
    child.kill('SIGINT')
    assert.deepEqual(await exit, [0, null])
  }
)

test('the demo rotates over its upstreams, logs each request and drains on SIGINT', limit, async (t) => {
  const port = await freePort()
  const child = run(t, 'examples/demo/dist/main.js', ['--port', port], {})
  let output = ''
  child.stdout?.on('data', (chunk) => {
    output += chunk
  })
  while (!output.includes('Ctrl-C')) await once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data')
  const names = new Set<string>()
  for (let n = 0; n < 6; n++)
    names.add(((await (await fetch(`http://127.0.0.1:${port}/x`)).json()) as { hello: string }).hello)
  assert.deepEqual([...names].sort(), ['from fox', 'from hare', 'from tortoise'])
  const exit = once(child, 'exit')
  child.kill('SIGINT')
  assert.deepEqual(await exit, [0, null])
  assert.equal(output.match(/200 GET {3}\/x → (?:hare|fox|tortoise) /g)?.length, 6)
})

const TOUR = [
  /200 GET {3}\/orders\/\d+ → fox upstream_connect_failed → (?:hare|tortoise) /,
  /fox: unknown → ejected/,
  /attempt 1 at fox failed: upstream_connect_failed .*\n.*retry after .*\n.*attempt 2 at .* answered 200/,
  /circuit breaker: closed → open/,
  /503 GET {3}\/orders\/\d+ → - .* circuit_open/,
  /→ 503 circuit_open[\s\S]*fox health ejected/,
  /circuit breaker: half_open → closed/,
  /fox: ejected → unknown/,
  /200 GET {3}\/orders\/\d+ → fox \d/,
  /That is all of it/
]

test('the demo’s tour shows a retry, an ejection, a breaker and why, and ends well', limit, async (t) => {
  const child = run(t, 'examples/demo/dist/main.js', ['--port', '0', '--tour'], {})
  let output = ''
  let error = ''
  child.stdout?.on('data', (chunk) => {
    output += chunk
  })
  child.stderr?.on('data', (chunk) => {
    error += chunk
  })
  while (!output.includes('That is all of it'))
    await once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data')
  const killed = output.slice(output.indexOf('The fox is killed'), output.indexOf('The others fail'))
  assert.doesNotMatch(killed, /[45]\d\d GET/)
  for (const seen of TOUR) assert.match(output, seen)
  const exit = once(child, 'exit')
  child.kill('SIGINT')
  assert.deepEqual(await exit, [0, null])
  assert.equal(error, '')
})

test('the demo’s tour begins on request, once at a time, and gives way to SIGINT', limit, async (t) => {
  const port = await freePort()
  const child = run(t, 'examples/demo/dist/main.js', ['--port', port], {})
  let error = ''
  child.stderr?.on('data', (chunk) => {
    error += chunk
  })
  await printed(child, /Ctrl-C/)
  const begin = async (): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}/tour`, { method: 'POST' })).status
  assert.deepEqual([await begin(), await begin()], [202, 409])
  await printed(child, /The fox is killed/)
  const exit = once(child, 'exit')
  child.kill('SIGINT')
  assert.deepEqual(await exit, [0, null])
  assert.equal(error, '')
})

const WRONG: [string[], RegExp][] = [
  [['--prot', '1'], /^gatewright: Unknown option '--prot'.*\n$/],
  [['--upstream', 'foo'], /^gatewright: --upstream foo: must be a URL such as http:\/\/localhost:3000\n$/],
  [
    ['--tour', '-u', 'http://a'],
    /^gatewright: --tour breaks the demo's own upstreams: leave out --upstream\n$/
  ],
  [['--port', 'x'], /^gatewright: --port x: must be a number from 0 to 65535\n$/]
]
for (const [args, expected] of WRONG) {
  test(`the demo refuses ${args.join(' ')} with one line and exit code 2`, limit, async (t) => {
    const child = run(t, 'examples/demo/dist/main.js', args, {})
    let error = ''
    child.stderr?.on('data', (chunk) => {
      error += chunk
    })
    assert.deepEqual(await once(child, 'exit'), [2, null])
    assert.match(error, expected)
  })
}

test('the demo refuses a busy port with one line and exit code 2', limit, async (t) => {
  const busy = createServer().listen(0, '127.0.0.1')
  await once(busy, 'listening')
  t.after(() => busy.close())
  const { port } = busy.address() as AddressInfo
  const child = run(t, 'examples/demo/dist/main.js', ['--port', String(port)], {})
  let error = ''
  child.stderr?.on('data', (chunk) => {
    error += chunk
  })
  assert.deepEqual(await once(child, 'exit'), [2, null])
  assert.equal(error, `gatewright: port ${port} is taken: choose another with --port\n`)
})

test('resilience breaks its upstreams and mends them', { timeout: 60_000 }, async (t) => {
  const child = run(t, 'examples/resilience/dist/server.js', [], {
    PORT: await freePort(),
    SECONDS: '1',
    RATE: '100'
  })
  const ended = once(child, 'exit')
  let text = ''
  child.stdout?.on('data', (chunk) => {
    text += chunk
  })
  assert.deepEqual(await ended, [0, null])
  assert.match(text, /Two is killed/)
  assert.match(text, /two: healthy → (?:unhealthy|ejected)/)
  assert.match(text, /All of them work again\n[\s\S]* 0 failed/)
})
