import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { rawClient, rawRequest } from '@gatewright/testing'
import { guarded } from '../support/guarded.js'

type Authentication = NonNullable<GatewayServerConfig['authentication']>

const SECRET = 'a secret of thirty-two bytes, ok'
const seconds = () => Math.floor(Date.now() / 1_000)

const one = (scheme: object, more: object = {}): Authentication =>
  ({ schemes: { hooks: scheme }, ...more }) as Authentication

const digestOf = (body: string) => `sha-256=:${createHash('sha256').update(body).digest('base64')}:`

/** The fields of a signed request. */
function signed(
  method: string,
  target: string,
  {
    body = '',
    covers = ['@method', '@path', '@query'],
    secret = SECRET,
    params = '',
    created = seconds(),
    key = 'k1'
  } = {}
): Record<string, string> {
  const [path = '', query = ''] = target.split('?')
  const digest = digestOf(body)
  const all = body === '' ? covers : [...covers, 'content-digest']
  const values: Record<string, string> = {
    '@method': method,
    '@path': path,
    '@query': `?${query}`,
    'content-digest': digest,
    'x-a': 'b'
  }
  const list = `(${all.map((name) => `"${name}"`).join(' ')});created=${created};keyid="${key}"${params}`
  const base = `${all.map((name) => `"${name}": ${values[name]}\n`).join('')}"@signature-params": ${list}`
  const signature = createHmac('sha256', secret).update(base).digest('base64')
  return {
    'signature-input': `sig=${list}`,
    signature: `sig=:${signature}:`,
    ...(body === '' ? {} : { 'content-digest': digest })
  }
}

const SIGNATURE = { type: 'signature', keys: [{ id: 'k1', secret: SECRET, consumer: 'acme' }] }
const CONSUMERS = { consumers: { acme: {} }, headers: { 'x-consumer': 'consumer' } }

test('a signed request is let in once, as it was signed, and the upstream gets who it is', async (t) => {
  const { ask, upstream, lines } = await guarded(t, one(SIGNATURE, CONSUMERS), { auth: 'hooks' })
  const fields = signed('GET', '/a?x=1')
  assert.equal((await ask('/a?x=1', fields)).status, 200)
  const [seen] = upstream.requests
  assert.deepEqual(
    [seen?.header('x-consumer'), seen?.header('signature'), seen?.header('signature-input')],
    ['acme', undefined, undefined]
  )
  assert.equal((await ask('/a?x=1', fields)).status, 401)
  assert.equal(lines.at(-1)?.detail, 'the signature was used before')
  for (const [path, method, given, detail] of [
    ['/b?x=1', 'GET', signed('GET', '/a?x=1', { params: ';nonce="1"' }), /is wrong/],
    ['/a?x=2', 'GET', signed('GET', '/a?x=1', { params: ';nonce="2"' }), /is wrong/],
    ['/a?x=1', 'DELETE', signed('GET', '/a?x=1', { params: ';nonce="3"' }), /is wrong/],
    ['/a', 'GET', signed('GET', '/a', { secret: 'another secret that is wrong' }), /is wrong/],
    ['/a', 'GET', signed('GET', '/a', { key: 'k2' }), /unknown key/],
    ['/a', 'GET', signed('GET', '/a', { created: seconds() - 310 }), /too old/],
    ['/a', 'GET', signed('GET', '/a', { created: seconds() + 310 }), /from the future/],
    ['/a', 'GET', signed('GET', '/a', { params: `;expires=${seconds() - 1}` }), /has expired/],
    ['/a', 'GET', signed('GET', '/a', { covers: ['@method', '@path'] }), /does not cover '@query'/],
    ['/a', 'GET', signed('GET', '/a', { covers: ['@method', '@path', '@query', 'x-b'] }), /covers 'x-b'/],
    ['/a', 'GET', { ...signed('GET', '/a'), signature: 'sig=:AAAA:' }, /missing or malformed/],
    ['/a', 'GET', { 'signature-input': 'sig=("@method")', signature: 'x' }, /has no keyid/],
    ['/a', 'GET', {}, /no credentials/]
  ] as const) {
    assert.equal((await ask(path, given as Record<string, string>, method)).status, 401, String(detail))
    assert.match(String(lines.at(-1)?.detail), detail)
  }
  assert.equal(upstream.requests.length, 1)
  assert.equal(
    (
      await ask('/a', {
        ...signed('GET', '/a', { covers: ['@method', '@path', '@query', 'x-a'] }),
        'x-a': 'b'
      })
    ).status,
    200
  )
})

test('a body is covered by its digest, which is checked, and reaches the upstream whole', async (t) => {
  const { url, upstream, lines } = await guarded(t, one({ ...SIGNATURE, body: '1KiB' }, CONSUMERS), {
    auth: 'hooks'
  })
  const send = async (body: string, headers: Record<string, string>) =>
    (await fetch(`${url}/a`, { method: 'POST', body, headers })).status
  assert.equal(await send('hello', signed('POST', '/a', { body: 'hello' })), 200)
  assert.equal(upstream.requests[0]?.body.toString(), 'hello')
  assert.equal(await send('other', signed('POST', '/a', { body: 'hello', params: ';nonce="1"' })), 401)
  assert.match(String(lines.at(-1)?.detail), /another one than its Content-Digest/)
  assert.equal(await send('hello', signed('POST', '/a')), 401)
  assert.match(String(lines.at(-1)?.detail), /does not cover 'content-digest'/)
  const long = 'x'.repeat(2_000)
  assert.equal(await send(long, signed('POST', '/a', { body: long })), 413)
  assert.equal(upstream.requests.length, 1)
})

const hex = (text: string, secret = SECRET) => createHmac('sha256', secret).update(text).digest('hex')
const KEY = Buffer.from(SECRET).toString('base64')
const base64 = (text: string) => createHmac('sha256', SECRET).update(text).digest('base64')
const BODY = '{"event":"paid"}'

const HOOKS: readonly (readonly [string, object, (time: number) => Record<string, string>, boolean])[] = [
  [
    'github',
    { format: 'github', secrets: [SECRET] },
    () => ({ 'x-hub-signature-256': `sha256=${hex(BODY)}` }),
    false
  ],
  [
    'stripe',
    { format: 'stripe', secrets: ['the secret that was before', SECRET] },
    (time) => ({ 'stripe-signature': `t=${time},v1=${hex('x')},v1=${hex(`${time}.${BODY}`)},v0=00` }),
    true
  ],
  [
    'slack',
    { format: 'slack', secrets: [SECRET] },
    (time) => ({
      'x-slack-signature': `v0=${hex(`v0:${time}:${BODY}`)}`,
      'x-slack-request-timestamp': String(time)
    }),
    true
  ],
  [
    'standard',
    { format: 'standard', secrets: [`whsec_${KEY}`] },
    (time) => ({
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(time),
      'webhook-signature': `v1,${base64(`msg_1.${time}.${BODY}`)} v1a,x`
    }),
    true
  ],
  [
    'one of your own',
    { format: { header: 'X-Sign', encoding: 'base64', prefix: 'mac ' }, secrets: [SECRET] },
    () => ({ 'x-sign': `mac ${base64(BODY)}` }),
    false
  ]
]

for (const [what, scheme, fields, timed] of HOOKS)
  test(`a webhook in the form of ${what} is let in with its body, and no other`, async (t) => {
    const { url, upstream, lines } = await guarded(
      t,
      one({ type: 'webhook', subject: 'sender', ...scheme }, { headers: { 'x-subject': 'subject' } }),
      { auth: 'hooks' }
    )
    const send = async (headers: Record<string, string>, body = BODY) =>
      (await fetch(url, { method: 'POST', body, headers })).status
    const now = seconds()
    assert.equal(await send(fields(now)), 200)
    assert.deepEqual(
      [upstream.requests[0]?.body.toString(), upstream.requests[0]?.header('x-subject')],
      [BODY, 'sender']
    )
    assert.equal(await send(fields(now)), timed ? 401 : 200)
    assert.equal(await send(fields(now - 1), `${BODY} `), 401)
    assert.match(String(lines.at(-1)?.detail), /is wrong/)
    assert.equal(await send({}), 401)
    const [name = ''] = Object.keys(fields(now))
    for (const wrong of ['', 'x', 'sha256=', 'v0=zz', 't=,v1=', 'v1,'])
      assert.equal(await send({ ...fields(now), [name]: wrong }), 401)
    if (timed) {
      for (const far of [-400, 400]) assert.equal(await send(fields(now + far)), 401)
      assert.match(String(lines.at(-1)?.detail), /from the future/)
    }
  })

test('a webhook whose body comes in chunks, or is too large, is handled as any other', async (t) => {
  const { port, upstream } = await guarded(
    t,
    one({ type: 'webhook', format: 'github', secrets: [SECRET], body: '64B' }),
    { auth: 'hooks' }
  )
  const head = (body: string) =>
    `POST / HTTP/1.1\r\nHost: a.test\r\nX-Hub-Signature-256: sha256=${hex(body)}\r\nTransfer-Encoding: chunked\r\n\r\n`
  assert.equal((await rawRequest(port, `${head('hello!')}5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n`)).status, 200)
  assert.equal(upstream.requests[0]?.body.toString(), 'hello!')
  const long = 'x'.repeat(100)
  assert.equal((await rawRequest(port, `${head(long)}64\r\n${long}\r\n0\r\n\r\n`)).status, 413)
  assert.equal(upstream.requests.length, 1)
})

test('what could not work is refused by path, and no secret is told', async () => {
  for (const [scheme, problem] of [
    [
      { type: 'signature', keys: [{ id: 'a', secret: 'short-secret' }] },
      /keys\[0\]\.secret: the value must be a secret of at least 16 characters/
    ],
    [{ type: 'signature', keys: [] }, /hooks\.keys/],
    [
      {
        type: 'signature',
        keys: [
          { id: 'a', secret: SECRET },
          { id: 'a', secret: SECRET }
        ]
      },
      /keys\[1\]\.id: 'a' is there twice/
    ],
    [
      { type: 'signature', keys: [{ id: 'a', secret: SECRET, consumer: 'x' }] },
      /keys\[0\]\.consumer: there is no consumer 'x'/
    ],
    [
      { type: 'signature', keys: [{ id: 'a', secret: SECRET }], covers: ['@status'] },
      /covers\[0\]: '@status' must be '@method'/
    ],
    [{ type: 'webhook', format: 'gitlab', secrets: [SECRET] }, /hooks\.format/],
    [
      { type: 'webhook', format: 'github', secrets: [SECRET], tolerance: '1m' },
      /tolerance: does nothing, as such signatures have no time/
    ],
    [
      { type: 'webhook', format: 'standard', secrets: ['whsec_short-secret'] },
      /secrets\[0\]: must be base64 of at least 16 bytes/
    ]
  ] as const) {
    const gateway = createGateway({ logger: false, authentication: one(scheme) })
    await assert.rejects(
      gateway.ready(),
      (error: Error) => {
        assert.match(error.message, problem)
        assert.doesNotMatch(error.message, /short-secret|thirty-two/)
        return true
      },
      JSON.stringify(scheme)
    )
  }
})

test('a client that waits for 100 Continue gets it, and its body is checked', async (t) => {
  const { port, upstream } = await guarded(t, one({ type: 'webhook', format: 'github', secrets: [SECRET] }), {
    auth: 'hooks'
  })
  const client = await rawClient(port)
  await client.write(
    `POST / HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\nX-Hub-Signature-256: sha256=${hex('hello')}\r\n\r\n`
  )
  await client.until('100 Continue')
  await client.write('hello')
  await client.until('200 OK')
  assert.equal(upstream.requests[0]?.body.toString(), 'hello')
})

test('a body that never comes ends with its client', async (t) => {
  const { port, upstream, lines } = await guarded(
    t,
    one({ type: 'webhook', format: 'github', secrets: [SECRET] }),
    { auth: 'hooks' }
  )
  const client = await rawClient(port)
  await client.write(
    `POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\nX-Hub-Signature-256: sha256=${hex('hello')}\r\n\r\nhel`
  )
  client.reset()
  await client.closed
  while (lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  assert.equal(lines[0]?.reason, 'client_closed')
  assert.equal(upstream.requests.length, 0)
})
