import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  type ApiKeyEntry,
  createApiKey,
  createGateway,
  type GatewayServerConfig,
  hashApiKey,
  type SentApiKey
} from '@gatewright/gateway'
import { rawRequest } from '@gatewright/testing'
import { guarded } from '../support/guarded.js'

type ApiKeys = Extract<
  NonNullable<NonNullable<GatewayServerConfig['authentication']>['schemes']>[string],
  { type: 'apiKey' }
>

const apiKeys = (
  more: Partial<ApiKeys>,
  rest: object = {}
): NonNullable<GatewayServerConfig['authentication']> => ({
  schemes: { partners: { type: 'apiKey', ...more } as ApiKeys },
  ...rest
})

test('a key lets its consumer in, and the upstream gets who it is instead of the key', async (t) => {
  const { key, hash, id } = createApiKey({ prefix: 'acme_live' })
  const { ask, upstream, lines } = await guarded(
    t,
    apiKeys(
      { keys: [{ hash, id, consumer: 'acme', scopes: ['read'], roles: ['partner'] }] },
      {
        consumers: { acme: { roles: ['buyer'], metadata: { plan: 'gold' } } },
        headers: {
          'x-subject': 'subject',
          'x-consumer': 'consumer',
          'x-roles': 'roles',
          'x-scopes': 'scopes',
          'x-plan': 'metadata.plan',
          'x-scheme': 'scheme'
        }
      }
    ),
    { auth: 'partners' }
  )
  assert.equal((await ask('/', { 'x-api-key': key })).status, 200)
  const [seen] = upstream.requests
  assert.equal(seen?.rawHead.includes(key), false)
  assert.deepEqual(
    ['x-subject', 'x-consumer', 'x-roles', 'x-scopes', 'x-plan', 'x-scheme'].map((name) =>
      seen?.header(name)
    ),
    [id, 'acme', 'partner,buyer', 'read', 'gold', 'partners']
  )
  assert.deepEqual([lines[0]?.subject, lines[0]?.consumer], [id, 'acme'])
  assert.equal(JSON.stringify(lines).includes(key), false)
  const wrong = await ask('/', { 'x-api-key': `${key.slice(0, -1)}?` })
  assert.deepEqual([wrong.status, wrong.challenge], [401, 'ApiKey realm="gateway"'])
})

test('keys are found where they may be, and nowhere else; two of them are none', async (t) => {
  const { key, hash } = createApiKey()
  const { port, upstream } = await guarded(
    t,
    apiKeys({
      keys: [{ hash }],
      from: [
        { header: 'authorization', scheme: 'ApiKey' },
        { header: 'x-key' },
        { cookie: 'key' },
        { query: 'api_key' }
      ]
    }),
    { auth: 'partners' }
  )
  const { key: other } = createApiKey()
  for (const [target, lines, status, sent] of [
    ['/a', [`Authorization: ApiKey ${key}`], 200, '/a'],
    ['/a', [`Authorization: apikey   ${key}`], 200, '/a'],
    ['/a', [`Authorization: Bearer ${key}`], 401],
    ['/a', [`Authorization: ApiKey ${key}`, `Authorization: ApiKey ${other}`], 401],
    ['/a', [`X-Key: ${key}`], 200, '/a'],
    ['/a', [`X-Key: ${key}`, `X-Key: ${other}`], 401],
    ['/a', [`X-Api-Key: ${key}`], 401],
    ['/a', [`Cookie: a=1; key=${key}; b=2`], 200, '/a', 'a=1; b=2'],
    ['/a', [`Cookie: key=${key}`], 200, '/a'],
    ['/a', [`Cookie: key=${key}; key=${other}`], 401],
    [`/a?x=1&api_key=${key}&y=%20`, [], 200, '/a?x=1&y=%20'],
    [`/a?api%5Fkey=${key}`, [], 200, '/a'],
    [`/a?api_key=${key}&api_key=${other}`, [], 401],
    [`/a?api_key=${key}&api%5fkey=${other}`, [], 401],
    [`/a?api_key=${other}`, [`X-Key: ${key}`], 200, '/a'],
    ['/a?time[0:1:0]&x&=y', [`X-Key: ${key}`], 200, '/a?time[0:1:0]&x&=y'],
    ['/a', [], 401],
    ['/a', ['X-Key: '], 401],
    ['/a', [`X-Key: ${'x'.repeat(4_000)}`], 401]
  ] as [string, string[], number, string?, string?][]) {
    const before = upstream.requests.length
    const answer = await rawRequest(
      port,
      [`GET ${target} HTTP/1.1`, 'Host: a.test', ...lines, '', ''].join('\r\n')
    )
    const told = `${target} ${lines.join()}`
    assert.equal(answer.status, status, told)
    assert.equal(upstream.requests.length, before + (status === 200 ? 1 : 0), told)
    if (status !== 200) continue
    assert.equal(upstream.requests.at(-1)?.target, sent, told)
    const head = upstream.requests.at(-1)?.rawHead ?? ''
    assert.equal(head.includes(key) || head.includes(other), false, told)
  }
})

test('with forward, the upstream gets the key too', async (t) => {
  const { key, hash } = createApiKey()
  const { ask, upstream } = await guarded(t, apiKeys({ keys: [{ hash }], forward: true }), {
    auth: 'partners'
  })
  await ask('/', { 'x-api-key': key })
  assert.equal(upstream.requests[0]?.header('x-api-key'), key)
})

test('a consumer rotates with two valid keys; one that has expired, or is not valid yet, is refused', async (t) => {
  const keys = Array.from({ length: 4 }, () => createApiKey())
  const [old, fresh, expired, future] = keys.map(({ key }) => key) as [string, string, string, string]
  const times = [
    { expires: '2999-01-01' },
    {},
    { expires: '2020-01-01T00:00:00Z' },
    { notBefore: '2999-01-01' }
  ]
  const { ask, lines } = await guarded(
    t,
    apiKeys(
      { keys: keys.map(({ hash, id }, index) => ({ hash, id, consumer: 'acme', ...times[index] })) },
      { consumers: { acme: {} } }
    ),
    { auth: 'partners', authorize: { consumers: ['acme'] } }
  )
  for (const [key, status, detail] of [
    [old, 200],
    [fresh, 200],
    [expired, 401, /has expired/],
    [future, 401, /not valid yet/]
  ] as const) {
    assert.equal((await ask('/', { 'x-api-key': key })).status, status)
    if (detail !== undefined) assert.match(String(lines.at(-1)?.detail), detail)
  }
})

test('a file of keys is read again when it changes; while it is wrong, the last right one holds', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-keys-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'keys.json')
  const [one, two] = [createApiKey(), createApiKey()]
  const write = (keys: unknown): void =>
    writeFileSync(file, typeof keys === 'string' ? keys : JSON.stringify(keys))
  write([{ hash: one.hash }])
  const { ask, gateway } = await guarded(t, apiKeys({ file, refresh: '100ms' }), { auth: 'partners' })
  const warned: string[] = []
  gateway.app.gateway.faults.sink = {
    warn: (_: object, text: string) => void warned.push(text),
    error: () => {}
  } as never
  const status = async ({ key }: { key: string }) => (await ask('/', { 'x-api-key': key })).status
  const until = async (done: () => unknown): Promise<void> => {
    while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.deepEqual([await status(one), await status(two)], [200, 401])
  write([{ hash: two.hash }, { hash: hashApiKey('another') }])
  await until(async () => (await status(two)) === 200)
  assert.equal(await status(one), 401)
  for (const [wrong, told] of [
    ['[{', /is no JSON/],
    [[{ hash: 'short' }], /keys\[0\]\.hash: the value must be the SHA-256 of a key/],
    [[{ hash: one.hash, role: 'x' }], /unknown key 'role'; did you mean 'roles'\?/],
    ['[{"hash":"x","__proto__":{}}]', /unknown key '__proto__'/],
    [[{ hash: one.hash }, { hash: one.hash }], /the same key is there twice/]
  ] as const) {
    warned.length = 0
    gateway.app.gateway.faults.sink = {
      warn: (_: object, text: string) => void warned.push(text),
      error: () => {}
    } as never
    write(wrong)
    await until(() => warned.some((text) => told.test(text)) || warned.length > 3)
    assert.equal(await status(two), 200)
    assert.equal(await status(one), 401)
  }
})

test('a file that cannot be read, or is wrong, stops the start', async () => {
  const gateway = createGateway({
    logger: false,
    authentication: apiKeys({ file: '/nowhere/keys.json' }),
    routes: [{ path: '/', respond: {}, auth: 'partners' }]
  })
  await assert.rejects(gateway.ready(), {
    code: 'GW_CONFIG_INVALID',
    message: /authentication\.schemes\.partners\.file: '\/nowhere\/keys\.json': cannot be read/
  })
})

test('a function finds keys by their hash, is told no key, and is asked once for many requests at one time', async (t) => {
  const [known, strange] = [createApiKey(), createApiKey()]
  const asked: SentApiKey[] = []
  const lookup = async (sent: SentApiKey): Promise<ApiKeyEntry | null> => {
    asked.push(sent)
    await new Promise((resolve) => setImmediate(resolve))
    return sent.hash === known.hash
      ? { hash: known.hash, consumer: 'acme', metadata: { plan: 'gold' } }
      : null
  }
  const { ask, upstream } = await guarded(
    t,
    apiKeys({ lookup }, { headers: { 'x-plan': 'metadata.plan', 'x-consumer': 'consumer' } }),
    { auth: 'partners' }
  )
  const statuses = async ({ key }: { key: string }) =>
    Promise.all(Array.from({ length: 10 }, async () => (await ask('/', { 'x-api-key': key })).status))
  assert.deepEqual(await statuses(known), new Array(10).fill(200))
  assert.deepEqual(await statuses(strange), new Array(10).fill(401))
  assert.deepEqual(asked, [
    { hash: known.hash, id: known.id },
    { hash: strange.hash, id: strange.id }
  ])
  assert.deepEqual(
    [upstream.requests[0]?.header('x-plan'), upstream.requests[0]?.header('x-consumer')],
    ['gold', 'acme']
  )
})

test('a function that fails, hangs or returns something else lets nobody in, and is no 401', async (t) => {
  const { key, hash } = createApiKey()
  const { hash: otherHash } = createApiKey()
  for (const [lookup, status, detail] of [
    [() => Promise.reject(new Error('no database')), 503, /no database/],
    [
      () => {
        throw new Error('no database')
      },
      503,
      /no database/
    ],
    [() => new Promise(() => {}), 503, /no answer within 50 ms/],
    [async () => ({ consumer: 'acme' }), 503, /it returned no key: keys\[0\]: 'hash' is missing/],
    [async () => true, 503, /it returned no key/],
    [async () => ({ hash: otherHash }), 401, /is unknown/],
    [async () => undefined, 401, /is unknown/],
    [() => ({ hash }), 200, /^null$/]
  ] as const) {
    const { ask, lines } = await guarded(t, apiKeys({ lookup: lookup as never, timeout: '50ms' }), {
      auth: 'partners'
    })
    assert.equal((await ask('/', { 'x-api-key': key })).status, status, String(lookup))
    assert.match(String(lines[0]?.detail ?? null), detail)
  }
})

test('with a prefix, keys of another form and slips of the pen cost no look-up', async (t) => {
  const { key } = createApiKey({ prefix: 'acme_live' })
  let asked = 0
  const { ask } = await guarded(
    t,
    apiKeys({
      prefix: 'acme_live',
      lookup: () => {
        asked++
        return null
      }
    }),
    { auth: 'partners' }
  )
  for (const wrong of ['x', `${key}0`, createApiKey({ prefix: 'acme_test' }).key, key.replace(/.$/, '~')])
    assert.equal((await ask('/', { 'x-api-key': wrong })).status, 401)
  assert.equal(asked, 0)
  await ask('/', { 'x-api-key': key })
  assert.equal(asked, 1)
})

test('a client that fails too often gets 429 for keys that are not known, and those that are known go on', async (t) => {
  const [fixed, found] = [createApiKey(), createApiKey()]
  let asked = 0
  const { ask, gateway } = await guarded(
    t,
    apiKeys(
      {
        keys: [{ hash: fixed.hash }],
        lookup: ({ hash }) => {
          asked++
          return hash === found.hash ? { hash } : null
        }
      },
      { failures: { limit: 3, window: '1h' } }
    ),
    { auth: 'partners' }
  )
  const status = async (key: string) => (await ask('/', { 'x-api-key': key })).status
  assert.equal(await status(found.key), 200)
  assert.deepEqual([await status('a'), await status('b'), await status('c')], [401, 401, 401])
  const refused = await ask('/', { 'x-api-key': 'd' })
  assert.deepEqual([refused.status, refused.reason, refused.challenge], [429, 'auth_throttled', null])
  assert.ok(Number(refused.headers.get('retry-after')) > 3_500)
  assert.deepEqual([await status(found.key), await status(fixed.key), (await ask()).status], [200, 200, 401])
  assert.equal(asked, 4)
  assert.deepEqual(gateway.app.authentication.state(), { failingClients: 1, throttled: 1 })
})

test('what could not work is refused by path, and no hash is told', async () => {
  const { hash } = createApiKey()
  for (const [scheme, problem] of [
    [{}, /schemes\.partners: has no keys; give 'keys', 'file' or 'lookup'/],
    [
      { keys: [{ hash: 'secret-that-is-no-hash' }] },
      /keys\[0\]\.hash: the value must be the SHA-256 of a key/
    ],
    [{ keys: [{ hash }, { hash }] }, /keys\[1\]\.hash: the same key is there twice/],
    [{ keys: [{ hash, consumer: 'nobody' }] }, /keys\[0\]\.consumer: there is no consumer 'nobody'/],
    [{ keys: [{ hash, expires: '2027-13-01' }] }, /keys\[0\]\.expires: there is no such date/],
    [{ keys: [{ hash, expires: 'tomorrow' }] }, /keys\[0\]\.expires/],
    [{ keys: [{ hash, key: 'x' }] }, /keys\[0\]: unknown key 'key'/],
    [{ keys: [{ hash }], refresh: '1s' }, /refresh: does nothing without 'file'/],
    [{ keys: [{ hash }], cache: {} }, /cache: does nothing without 'lookup'/],
    [{ lookup: 'x' }, /lookup: must be a function/],
    [{ keys: [{ hash }], from: [{ query: 'k1' }] }, /from\[0\]\.query: 'k1' would be shown in logs/],
    [{ keys: [{ hash }], prefix: 'A' }, /prefix: 'A' must be words of small letters/]
  ] as const) {
    const gateway = createGateway({
      logger: false,
      authentication: apiKeys(scheme as never),
      routes: [{ path: '/', respond: {}, auth: 'partners' }]
    })
    await assert.rejects(
      gateway.ready(),
      (error: Error) => {
        assert.match(error.message, problem)
        assert.doesNotMatch(error.message, /secret-that/)
        assert.equal(error.message.includes(hash), false)
        return true
      },
      JSON.stringify(scheme)
    )
  }
})
