import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import test, { type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { hashApiKey } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'

const root = fileURLToPath(new URL('../../../', import.meta.url))

// Runs a program of the repository; ends it with the test.
function run(t: TestContext, file: string, args: string[], env: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, [`${root}${file}`, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  t.after(() => child.kill('SIGKILL'))
  return child
}

// Resolves once the pattern has been printed; the program may go on printing. Rejects when it ends before.
async function printed(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  const { stdout, stderr } = child as ChildProcess & { stdout: Readable; stderr: Readable }
  let text = ''
  const ended = new Promise<never>((_, reject) => {
    child.once('close', (code) => reject(new Error(`ended with ${code} before ${pattern}:\n${text}`)))
  })
  for (const output of [stdout, stderr])
    output.on('data', (chunk) => {
      text += chunk
    })
  for (;;) {
    const match = pattern.exec(text)
    if (match !== null) return match
    await Promise.race([once(stdout, 'data'), ended])
  }
}

async function start(t: TestContext, name: string, env: Record<string, string>): Promise<string> {
  const child = run(t, `examples/${name}/dist/server.js`, [], { ...env, PORT: '0' })
  const [, port] = await printed(child, /Server listening at http:\/\/[^"]*:(\d+)/)
  return `http://127.0.0.1:${port}`
}

const limit = { timeout: 30_000 }
const LISTENING = /● http:\/\/localhost:(\d+)/

test('minimal forwards everything', limit, async (t) => {
  const upstream = await fakeUpstream(t, { body: 'hello' })
  const url = await start(t, 'minimal', { UPSTREAM: upstream.url })
  assert.equal(await (await fetch(`${url}/a`)).text(), 'hello')
})

test('express-mount has the handlers of Express and a gateway on one port', limit, async (t) => {
  const upstream = await fakeUpstream(t, { body: 'a user' })
  const url = await start(t, 'express-mount', { UPSTREAM: upstream.url })
  assert.deepEqual(await (await fetch(`${url}/hello`)).json(), { from: 'express' })
  assert.equal((await fetch(`${url}/none`)).status, 404)
  const body = 'x'.repeat(100_000)
  const answer = await fetch(`${url}/api/users/7?a=b`, { method: 'PUT', body })
  assert.deepEqual([answer.status, await answer.text()], [200, 'a user'])
  const [seen] = upstream.requests
  assert.deepEqual([seen?.method, seen?.target, seen?.body.toString()], ['PUT', '/users/7?a=b', body])
})

test(
  'existing-fastify-app answers its own routes, and forwards the others with its hooks',
  limit,
  async (t) => {
    const upstream = await fakeUpstream(t, { body: 'a user' })
    const url = await start(t, 'existing-fastify-app', { UPSTREAM: upstream.url })
    assert.deepEqual(await (await fetch(`${url}/cart/7`)).json(), { cart: '7' })
    const answer = await fetch(`${url}/api/users/7`)
    assert.deepEqual([await answer.text(), answer.headers.get('x-app')], ['a user', 'shop'])
    assert.equal(await (await fetch(`${url}/me`)).text(), 'a user')
    assert.deepEqual(
      upstream.requests.map(({ target }) => target),
      ['/users/7', '/users/me']
    )
  }
)

test('reload takes a changed file over, and goes on as it was where that is wrong', limit, async (t) => {
  const upstream = await fakeUpstream(t, { body: 'hello' })
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-reload-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'gateway.json')
  const save = (path: string, pool: string): void => {
    const pools = { users: { endpoints: [upstream.url] } }
    writeFileSync(file, JSON.stringify({ pools, routes: [{ path, pool }], shutdown: { wait: '0ms' } }))
  }
  save('/users/*', 'users')
  const child = run(t, 'examples/reload/dist/server.js', [], { CONFIG: file, PORT: '0' })
  const [, port] = await printed(child, /Server listening at http:\/\/[^"]*:(\d+)/)
  const status = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status
  assert.deepEqual([await status('/users/7'), await status('/people/7')], [200, 404])
  const taken = printed(child, /the new configuration runs/)
  save('/people/*', 'users')
  await taken
  assert.deepEqual([await status('/users/7'), await status('/people/7')], [404, 200])
  const refused = printed(child, /"problems":"[^"]*usres[^"]*users/)
  save('/other/*', 'usres')
  await refused
  assert.deepEqual([await status('/people/7'), await status('/other/7')], [200, 404])
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
    const FOLDER = mkdtempSync(join(tmpdir(), 'gatewright-'))
    t.after(() => rmSync(FOLDER, { recursive: true }))
    const env = { PORT: '0', PROBES: '0', PERIOD: '6', FOLDER }
    const child = run(t, 'examples/observability/dist/server.js', [], env)
    const [told] = await printed(
      child,
      /metrics http:.*[\s\S]*The first 503, and why:\nGET \/shop\/items\/\d → 503 circuit_open[\s\S]*Route shop/
    )
    for (const name of ['rules.yml', 'dashboard.json'])
      assert.equal(
        readFileSync(join(FOLDER, name), 'utf8'),
        readFileSync(`${root}examples/observability/${name}`, 'utf8'),
        `${name} is another one: run the example`
      )
    const [, scraped = ''] = /metrics (http:\S+)/.exec(told) ?? []
    const metrics = await (await fetch(scraped)).text()
    assert.match(metrics, /^proxy_breaker_trips_total\{pool="shop"\} 1$/m)
    const exit = once(child, 'exit')
    child.kill('SIGINT')
    assert.deepEqual(await exit, [0, null])
  }
)

test('the demo rotates over its upstreams, logs each request and drains on SIGINT', limit, async (t) => {
  const child = run(t, 'examples/demo/dist/main.js', ['--port', '0'], {})
  let output = ''
  child.stdout?.on('data', (chunk) => {
    output += chunk
  })
  while (!output.includes('Ctrl-C')) await once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data')
  const [, port] = LISTENING.exec(output) ?? []
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
  const child = run(t, 'examples/demo/dist/main.js', ['--port', '0'], {})
  let error = ''
  child.stderr?.on('data', (chunk) => {
    error += chunk
  })
  const [text] = await printed(child, /[\s\S]*Ctrl-C/)
  const [, port] = LISTENING.exec(text) ?? []
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

test(
  'policies puts tokens, quotas, CORS, masks and a service of rules in front of a service',
  limit,
  async (t) => {
    const child = run(t, 'examples/policies/dist/server.js', [], { PORT: '0' })
    const [, token = '', stranger = '', url = ''] = await printed(
      child,
      /TOKEN=(\S+)\nSTRANGER=(\S+)\n\ncurl -i (http:\S+)\/orders/
    )
    const ask = (bearer: string, init: RequestInit = {}) =>
      fetch(`${url}/orders/7`, {
        ...init,
        headers: { authorization: `Bearer ${bearer}`, origin: 'https://shop.example', 'x-user': 'mallory' }
      })
    assert.equal((await fetch(`${url}/health`)).status, 204)
    assert.equal((await fetch(`${url}/orders/7`)).status, 401)
    assert.equal((await ask(stranger)).status, 403)
    const deleted = await ask(token, { method: 'DELETE' })
    assert.deepEqual([deleted.status, await deleted.text()], [403, 'orders are kept for ten years\n'])
    const found = await ask(token)
    assert.equal(found.headers.get('access-control-allow-origin'), 'https://shop.example')
    assert.match(String(found.headers.get('ratelimit')), /"quota";r=3;/)
    assert.deepEqual(await found.json(), {
      order: '/orders/7',
      for: 'ada',
      plan: 'gold',
      decidedBy: 'shop-rules',
      card: '***1111'
    })
    const statuses = []
    for (let n = 0; n < 4; n++) statuses.push((await ask(token)).status)
    assert.deepEqual(statuses, [200, 200, 200, 429])
    const preflight = await fetch(`${url}/orders/7`, {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'GET' }
    })
    assert.deepEqual(
      [preflight.status, preflight.headers.get('access-control-allow-origin')],
      [204, 'https://shop.example']
    )
  }
)

test(
  'a gateway from files runs, takes a changed part and another secret, and says what is wrong',
  limit,
  async (t) => {
    const upstream = await fakeUpstream(t, { body: 'from the shop' })
    const folder = mkdtempSync(join(tmpdir(), 'gatewright-from-a-file-'))
    t.after(() => rmSync(folder, { recursive: true }))
    cpSync(`${root}examples/from-a-file`, folder, { recursive: true })
    const env = { UPSTREAM: upstream.url, PORT: '0' }
    const child = run(t, 'packages/cli/bin/gatewright.js', ['run', join(folder, 'gateway.yaml')], env)
    const [, port] = await printed(child, /Server listening at http:\/\/127\.0\.0\.1:(\d+)/)
    const url = `http://127.0.0.1:${port}`
    const asked = async (path: string, key = ''): Promise<number> =>
      (await fetch(url + path, { headers: key === '' ? {} : { 'x-api-key': key } })).status
    assert.equal(await (await fetch(`${url}/status`)).text(), 'all is well\n')
    assert.deepEqual(
      [await asked('/catalogue/1'), await asked('/orders/1'), await asked('/orders/1', 'let-me-in')],
      [200, 401, 200]
    )
    assert.deepEqual(
      upstream.requests.map(({ target }) => target),
      ['/catalogue/1', '/orders/1']
    )
    const change = async (name: string, from: string, to: string, said: RegExp): Promise<void> => {
      const told = printed(child, said)
      const path = join(folder, name)
      writeFileSync(path, readFileSync(path, 'utf8').replace(from, to))
      await told
    }
    const changed = /the configuration was changed/
    await change('routes.d/10-public.yaml', 'all is well', 'all is better', changed)
    assert.equal(await (await fetch(`${url}/status`)).text(), 'all is better\n')
    await change(
      'partner-key.hash',
      /sha256:.*/.exec(readFileSync(join(folder, 'partner-key.hash'), 'utf8'))?.[0] ?? '',
      hashApiKey('another'),
      changed
    )
    assert.deepEqual([await asked('/orders/1', 'let-me-in'), await asked('/orders/1', 'another')], [401, 200])
    await change(
      'routes.d/20-partners.yaml',
      'pool: shop',
      'pool: shp',
      /20-partners\.yaml:4:5 {2}routes\[2\]\.pool: there is no pool 'shp'; did you mean 'shop'/
    )
    assert.equal(await asked('/orders/1', 'another'), 200)
  }
)

test('workers run code of their own, change together, are started anew, and end', limit, async (t) => {
  const upstream = await fakeUpstream(t, { body: 'hi' })
  const env = { PORT: '0', PROBE_PORT: '0', UPSTREAM: upstream.url, WORKERS: '2' }
  const child = run(t, 'examples/workers/dist/server.js', [], env)
  const ended = once(child, 'exit')
  const [, url = '', scraped = ''] = await printed(
    child,
    /curl -i (\S+)\/hello[\s\S]*curl -s (\S+)[\s\S]*kill -USR2/
  )
  const seen = new Set<string | null>()
  const ask = async (path: string): Promise<string> => {
    const response = await fetch(url + path, { headers: { connection: 'close' } })
    seen.add(response.headers.get('x-worker'))
    return await response.text()
  }
  for (let n = 0; n < 4; n++) assert.deepEqual([await ask('/hello'), await ask('/x')], ['hello', 'hi'])
  assert.equal(seen.size, 2)
  const metrics = await (await fetch(scraped)).text()
  assert.match(metrics, /^proxy_requests_total\{route="hello",pool="none",status="200"\} 4$/m)
  const changed = printed(child, /all run revision 2/)
  child.kill('SIGHUP')
  await changed
  assert.equal(await ask('/hello'), 'hello 1')
  const restarted = printed(child, /all were started anew/)
  child.kill('SIGUSR2')
  await restarted
  assert.equal(await ask('/hello'), 'hello 1')
  assert.ok(seen.size > 2)
  child.kill('SIGTERM')
  assert.deepEqual(await ended, [0, null])
})

test('resilience breaks its upstreams and mends them', { timeout: 60_000 }, async (t) => {
  const env = { PORT: '0', SECONDS: '1', RATE: '100' }
  const child = run(t, 'examples/resilience/dist/server.js', [], env)
  const ended = once(child, 'close')
  let text = ''
  for (const output of [child.stdout, child.stderr])
    output?.on('data', (chunk) => {
      text += chunk
    })
  assert.deepEqual(await ended, [0, null], text)
  assert.match(text, /Two is killed/)
  assert.match(text, /two: healthy → (?:unhealthy|ejected)/)
  assert.match(text, /All of them work again\n[\s\S]* 0 failed/)
})
