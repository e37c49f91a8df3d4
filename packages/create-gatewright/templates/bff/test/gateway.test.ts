import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type FakeResponse, fakeUpstream, gatewayKit } from '@gatewright/testing'
import { buildGateway, type GatewayOptions } from '../src/gateway.js'
import { Sessions } from '../src/sessions.js'

const SECRET = 'a secret of tests: 32 characters or more'
const REFUSES = 'http://127.0.0.1:1'

/** The gateway in front of services that answer as the test says. */
async function start(t: TestContext, options: Partial<GatewayOptions> = {}) {
  const [web, account, shop] = await Promise.all([fakeUpstream(t), fakeUpstream(t), fakeUpstream(t)])
  const services = { web: [web.url], account: [account.url], shop: [shop.url] }
  const gateway = buildGateway({ ...services, sessionSecret: SECRET, quiet: true, ...options })
  t.after(() => gateway.close())
  const get = (url: string, headers = {}) => gateway.inject({ url, headers })
  const post = (url: string, body: object, headers = {}) =>
    gateway.inject({ method: 'POST', url, headers, payload: body })
  return { web, account, shop, gateway, get, post }
}

async function sessionOf(user: string, secret = SECRET): Promise<string> {
  const [cookie = ''] = (await new Sessions(secret, { secure: false }).begin(user)).split(';')
  return cookie
}

const answering = (body: string): FakeResponse => ({ headers: { 'content-type': 'application/json' }, body })

test('pages are for everybody, services for those with a session', async (t) => {
  const { shop, get } = await start(t)

  assert.equal((await get('/')).statusCode, 200)
  assert.equal((await get('/api/shop/orders')).statusCode, 401)
  assert.equal(shop.requests.length, 0)
})

test('a login gives a cookie that no script can read, and that opens the services', async (t) => {
  const { account, get, post } = await start(t)
  account.next(answering('{"user":"ada"}'))

  const { statusCode, headers } = await post('/api/login', { user: 'ada', password: 'demo' })
  const cookie = String(headers['set-cookie'])
  assert.equal(statusCode, 200)
  assert.match(cookie, /^session=[\w-]+\.[\w-]+\.[\w-]+; Max-Age=3600; Path=\/; HttpOnly; SameSite=Lax$/)

  assert.equal((await get('/api/shop/orders', { cookie: cookie.split(';')[0] })).statusCode, 200)
  assert.equal(account.requests[0]?.body.toString(), '{"user":"ada","password":"demo"}')
})

test('a wrong password gives no cookie, and the sixth guess in a minute is not even looked at', async (t) => {
  const { account, post } = await start(t)
  account.answers({ status: 401 })

  for (let n = 0; n < 5; n++) {
    const { statusCode, headers } = await post('/api/login', { user: 'ada', password: 'guess' })
    assert.deepEqual([statusCode, headers['set-cookie']], [401, undefined])
  }
  assert.equal((await post('/api/login', {})).statusCode, 429)
  assert.equal(account.requests.length, 5)
})

test('a login of more than 4 KiB, or that is no JSON, does not get to the service', async (t) => {
  const { account, gateway, post } = await start(t)

  assert.equal((await post('/api/login', { user: 'a'.repeat(5_000) })).statusCode, 413)
  const payload = '{"user":"ada"'
  assert.equal((await gateway.inject({ method: 'POST', url: '/api/login', payload })).statusCode, 400)
  assert.equal(account.requests.length, 0)
})

test('services learn who it is, and get neither the session nor what a client says of itself', async (t) => {
  const { shop, get } = await start(t)
  const cookie = `theme=dark; ${await sessionOf('ada')}`

  await get('/api/shop/orders?open=1', { cookie, 'x-user': 'root' })

  const [seen] = shop.requests
  assert.equal(seen?.target, '/orders?open=1')
  assert.deepEqual(seen?.headerAll('x-user'), ['ada'])
  assert.equal(seen?.header('cookie'), 'theme=dark')
})

test('a session that was signed with another secret is none', async (t) => {
  const { get } = await start(t)
  const cookie = await sessionOf('ada', 'another secret, of 32 characters or more')

  assert.equal((await get('/api/shop/orders', { cookie })).statusCode, 401)
})

test('logging out takes the cookie away', async (t) => {
  const { post } = await start(t)

  const { statusCode, headers } = await post('/api/logout', {})

  assert.equal(statusCode, 204)
  assert.match(String(headers['set-cookie']), /^session=; Max-Age=0;/)
})

test('with TLS the cookie has a name that other hosts cannot set', () => {
  assert.match(new Sessions(SECRET, { secure: true }).end(), /^__Host-session=;.*; Secure$/)
})

test('one answer is made out of two services, which are asked at the same time', async (t) => {
  const { account, shop, get } = await start(t)
  const home = get('/api/home', { cookie: await sessionOf('ada') })

  // Each answers only when both have been asked.
  const [one, other] = await Promise.all([account.hold(), shop.hold()])
  one.respond.answer(answering('{"name":"Ada"}'))
  other.respond.answer(answering('[7]'))

  assert.deepEqual((await home).json(), { account: { name: 'Ada' }, orders: [7] })
  assert.equal(account.requests[0]?.header('x-user'), 'ada')
})

test('a page can do without a service that is down', async (t) => {
  const { account, get } = await start(t, { shop: [REFUSES] })
  account.next(answering('{"name":"Ada"}'))

  const response = await get('/api/home', { cookie: await sessionOf('ada') })

  assert.deepEqual([response.statusCode, response.json()], [200, { account: { name: 'Ada' }, orders: null }])
})

test('a page of another site cannot act as the user', async (t) => {
  const { shop, post } = await start(t)
  const headers = { cookie: await sessionOf('ada'), host: 'shop.example' }

  const foreign = await post('/api/shop/orders', {}, { ...headers, origin: 'http://elsewhere.example' })
  assert.equal(foreign.statusCode, 403)
  assert.equal(shop.requests.length, 0)
  const own = await post('/api/shop/orders', {}, { ...headers, origin: 'http://shop.example' })
  assert.equal(own.statusCode, 200)
})

test('responses have security headers, and are compressed', async (t) => {
  const { web, get } = await start(t)
  web.next({ headers: { 'content-type': 'text/html', server: 'old/1.0' }, body: 'x'.repeat(5_000) })

  const { headers } = await get('/', { 'accept-encoding': 'gzip' })

  assert.equal(headers['content-encoding'], 'gzip')
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.equal(headers.server, undefined)
})

test('in production a request without TLS is refused', async (t) => {
  const { get } = await start(t, { production: true })

  assert.equal((await get('/')).json().reason, 'tls_required')
})

test('a failure of one endpoint is hidden by the other', async (t) => {
  // In virtual time, with upstreams that follow a script.
  const kit = gatewayKit()
  const web = ['http://a.test', 'http://b.test']
  const options = { web, account: web, shop: web, sessionSecret: SECRET, quiet: true }
  const gateway = buildGateway(options, kit.seams)
  t.after(() => gateway.close())
  kit.upstream('http://a.test').always('refuse')

  for (let n = 0; n < 4; n++) assert.equal((await kit.request(gateway, '/')).status, 200)

  assert.ok(kit.attempts.some(({ failure }) => failure !== null))
})

test('a service that is down is left alone', async (t) => {
  const { get } = await start(t, { shop: [REFUSES] })
  const headers = { cookie: await sessionOf('ada') }

  for (let n = 0; n < 30; n++) await get('/api/shop/orders', headers)

  assert.equal((await get('/api/shop/orders', headers)).json().reason, 'circuit_open')
})
