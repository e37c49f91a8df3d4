import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  type FakeUpstream,
  fakeUpstream,
  type RawResponse,
  rawRequest,
  type Script
} from '@gatewright/testing'
import { singlePool } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'
import { shares, startTraffic, type Traffic } from '../support/traffic.js'

const bounded = { timeout: 20_000 }
const SECRET = '0123456789abcdef0123456789abcdef'

// `gw_x=token` of the gateway's own cookie; the upstream's is called `theirs`.
function sessionOf(response: RawResponse): string | undefined {
  const line = response.headerAll('set-cookie').find((cookie) => cookie.startsWith('gw_'))
  return line?.split(';', 1)[0]
}

const withCookies: Script = {
  headers: [
    ['Set-Cookie', 'theirs=1; Path=/'],
    ['Set-Cookie', 'theirs2=2']
  ],
  body: 'ok'
}

async function startSticky(t: TestContext, more: object = {}): Promise<Traffic> {
  return startTraffic(t, {
    balancing: { type: 'sticky', secret: SECRET, inner: 'round-robin', ...more },
    scripts: [withCookies, withCookies, withCookies]
  })
}

test(
  'sticky: a session stays with its endpoint, and the upstream keeps its own cookies',
  bounded,
  async (t) => {
    const traffic = await startSticky(t)
    const first = await traffic.get('Cookie: theirs=0\r\n')
    const home = traffic.last()
    assert.deepEqual(first.headerAll('set-cookie').slice(0, 2), ['theirs=1; Path=/', 'theirs2=2'])
    const own = first.headerAll('set-cookie')[2] as string
    assert.match(own, /^gw_[\w-]+=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax$/)
    const upstreamAddress = traffic.upstreams[home] as FakeUpstream
    assert.ok(!own.includes(String(upstreamAddress.port)))

    for (let i = 0; i < 6; i++) {
      const again = await traffic.get(`Cookie: a=b; ${sessionOf(first)}; theirs=1\r\n`)
      assert.equal(traffic.last(), home)
      assert.deepEqual(again.headerAll('set-cookie'), ['theirs=1; Path=/', 'theirs2=2'])
    }
  }
)

test('sticky: requests without a session are spread, and a forged one is none', bounded, async (t) => {
  const traffic = await startSticky(t)
  const sessions = new Set<string | undefined>()
  for (let i = 0; i < 3; i++) sessions.add(sessionOf(await traffic.get()))
  assert.equal(sessions.size, 3)
  assert.deepEqual(shares(traffic), [1, 1, 1])
  const [name] = ([...sessions][0] as string).split('=')
  for (const forged of ['', 'AAAA', '0', `${[...sessions][0]}x`.split('=')[1]]) {
    const response = await traffic.get(`Cookie: ${name}=${forged}\r\n`)
    assert.ok(sessions.has(sessionOf(response)), 'it is given a session of its own')
  }
})

test('sticky: a draining endpoint keeps its sessions and gets no new ones', bounded, async (t) => {
  const traffic = await startSticky(t)
  const session = sessionOf(await traffic.get())
  const home = traffic.last()
  traffic.gateway.app.gateway.pool('upstream').drain(traffic.upstreams[home]?.url as string)
  for (let i = 0; i < 6; i++) {
    await traffic.get()
    assert.notEqual(traffic.last(), home)
  }
  await traffic.get(`Cookie: ${session}\r\n`)
  assert.equal(traffic.last(), home)
})

for (const onLost of ['redistribute', 'fail'] as const)
  test(`sticky: a session whose endpoint is lost (onLost: ${onLost})`, bounded, async (t) => {
    const traffic = await startSticky(t, { onLost })
    const session = sessionOf(await traffic.get())
    const home = traffic.last()
    const lost = traffic.upstreams[home]?.url
    traffic.gateway.app.gateway.snapshot.stages.filters.push({
      name: 'test',
      accepts: ({ url }) => url !== lost
    })
    const response = await traffic.get(`Cookie: ${session}\r\n`)
    if (onLost === 'fail') {
      assert.equal(response.status, 503)
      assert.equal(JSON.parse(response.text).reason, 'no_endpoint')
      return
    }
    assert.equal(response.status, 200)
    const moved = sessionOf(response)
    assert.notEqual(moved, session)
    const away = traffic.last()
    assert.notEqual(away, home)
    await traffic.get(`Cookie: ${moved}\r\n`)
    assert.equal(traffic.last(), away)
  })

test(
  'sticky: an answer that a hook breaks takes its session with it, not the cookies of hooks',
  bounded,
  async (t) => {
    let fails = false
    const upstreams = [
      await fakeUpstream(t, { body: 'ok' }),
      await fakeUpstream(t, { headers: { 'set-cookie': 'theirs=1' } })
    ]
    const balancing = { type: 'sticky', secret: SECRET, inner: 'round-robin' } as const
    const pool = singlePool(
      upstreams.map(({ url }) => url),
      { balancing }
    )
    const { port } = await startGateway(t, pool, {
      hooks: {
        onRequest: async (_request, reply) => void reply.header('set-cookie', 'hook=1'),
        onSend: async () => {
          const failing = fails
          fails = false
          if (failing) throw new Error('no')
        }
      }
    })
    for (let n = 0; n < 2; n++) {
      fails = true
      const response = await rawRequest(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      assert.deepEqual([response.status, response.headerAll('set-cookie')], [500, ['hook=1']])
    }
    for (const { requests } of upstreams) assert.equal(requests.length, 1)
  }
)

for (const balancing of ['p2c', { type: 'sticky', secret: SECRET }] as const)
  test(
    `while one endpoint drains, new requests have the others as ever: ${JSON.stringify(balancing)}`,
    bounded,
    async (t) => {
      let broken = 0
      const script: Script = (_request, respond) => respond.answer({ status: broken-- > 0 ? 503 : 200 })
      const [open, draining] = [await fakeUpstream(t, script), await fakeUpstream(t)]
      const pool = { balancing, unhealthy: { policy: 'all' }, retry: 'safe' } as const
      const { gateway, port } = await startGateway(t, singlePool([open.url, draining.url], pool))
      const get = () => rawRequest(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      gateway.app.gateway.pool('upstream').drain(draining.url)
      broken = 1
      assert.equal((await get()).status, 200)
      assert.equal(open.requests.length, 2)
      gateway.app.health.force('upstream', open.url, 'down')
      assert.equal((await get()).status, 200)
      assert.equal(open.requests.length, 3)
      assert.equal(draining.requests.length, 0)
    }
  )

test(
  'sticky: the answer of a fallback pool carries its own session and none of the pool that failed',
  bounded,
  async (t) => {
    const failing = await fakeUpstream(t, { cut: 'before-head', end: 'reset' })
    const other = await fakeUpstream(t, { body: 'other' })
    const sticky = (cookie: string) => ({ type: 'sticky', secret: SECRET, cookie }) as const
    const { port } = await startGateway(t, {
      pools: {
        main: { endpoints: [failing.url], balancing: sticky('main') },
        spare: { endpoints: [other.url], balancing: sticky('spare') }
      },
      routes: [{ path: '/*', pool: 'main', fallback: { pool: 'spare', on: ['upstream_reset'] } }]
    })
    const response = await rawRequest(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    assert.equal(response.text, 'other')
    assert.deepEqual(
      response.headerAll('set-cookie').map((line) => line.split('=')[0]),
      ['spare']
    )
  }
)
