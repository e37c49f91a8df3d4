import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BalancingPolicy, type Endpoint, type Exchange, Pool } from '@gatewright/core'
import {
  balancingSuite,
  endpoints,
  fakeAttempt,
  fakeExchange,
  seededChance,
  virtualClock
} from '@gatewright/testing'
import { type StickyOptions, sticky } from './sticky.js'

const secret = 'a secret of thirty-two characters'

function create(options: Partial<StickyOptions> = {}, poolId = 'test'): BalancingPolicy {
  return sticky.create(
    { secret, ...options },
    { poolId, clock: virtualClock().clock, chance: seededChance(2) }
  )
}

// The cookie that an exchange's answer sets, as the client sends it back.
function cookieOf({ attemptCookies }: Exchange): string {
  assert.equal(attemptCookies?.length, 1)
  return (attemptCookies[0] as string).split(';')[0] as string
}

function newSession(
  policy: BalancingPolicy,
  all: Parameters<BalancingPolicy['pick']>[0]
): [Endpoint, string] {
  const exchange = fakeExchange()
  return [policy.pick(all, exchange), cookieOf(exchange)]
}

const returning = (cookie: string): Exchange => fakeExchange({ headers: { cookie } })

balancingSuite('sticky', (context) => sticky.create({ secret }, context))

test('a session stays at its endpoint, however busy that is, and gets no second cookie', () => {
  const policy = create()
  const all = endpoints(5)
  const [endpoint, cookie] = newSession(policy, all)
  endpoint.inFlight = 100
  for (let n = 0; n < 20; n++) {
    const exchange = returning(`theme=dark; ${cookie}`)
    assert.equal(policy.pick(all, exchange), endpoint)
    assert.equal(exchange.attemptCookies, null)
  }
})

test('another gateway with the same secret knows the session', () => {
  const [endpoint, cookie] = newSession(create(), endpoints(5))
  assert.equal(create().pick(endpoints(5), returning(cookie)).url, endpoint.url)
})

test('new sessions are shared out by the inner policy', () => {
  const all = endpoints(3)
  const policy = create({ inner: 'round-robin' })
  const picked = Array.from({ length: 6 }, () => newSession(policy, all)[0])
  assert.deepEqual(picked, [...all, ...all])
})

test('the inner policy is told of attempts', () => {
  const [a, b] = endpoints(2)
  const policy = create({ inner: 'peak-ewma' })
  policy.ended?.(fakeAttempt(a, { status: 503 }), fakeExchange())
  policy.ended?.(fakeAttempt(b), fakeExchange())
  for (let n = 0; n < 20; n++) assert.equal(newSession(policy, [a, b])[0], b)
})

test('a cookie that was tampered with is ignored: the client gets a new session', () => {
  const policy = create({ onLost: 'fail', inner: 'round-robin' })
  const [a, b] = endpoints(2)
  const [, cookieA] = newSession(policy, [a, b])
  const [, cookieB] = newSession(policy, [a, b])
  const name = cookieA.slice(0, cookieA.indexOf('=') + 1)
  const [nameA] = cookieA.slice(name.length).split('.')
  const [, signatureB] = cookieB.split('.')
  for (const forged of [`${name}${nameA}.${signatureB}`, `${name}${a.url}`, name, `${cookieA}x`]) {
    const exchange = returning(forged)
    assert.ok([a, b].includes(policy.pick([a, b], exchange)))
    assert.notEqual(exchange.attemptCookies, null)
  }
})

test('a session of another pool is no session of this one', () => {
  const all = endpoints(2)
  const [, cookie] = newSession(create({ cookie: 's', onLost: 'fail' }, 'orders'), all)
  const exchange = returning(cookie)
  create({ cookie: 's', onLost: 'fail' }, 'users').pick(all, exchange)
  assert.notEqual(cookieOf(exchange), cookie)
})

test('a session whose endpoint is no candidate moves for good', () => {
  const policy = create()
  const [a, b] = endpoints(2)
  const [, cookie] = newSession(policy, [a])
  const exchange = returning(cookie)
  assert.equal(policy.pick([b], exchange), b)
  assert.equal(policy.pick([a, b], returning(cookieOf(exchange))), b)
})

test('with onLost fail, a session whose endpoint is no candidate gets 503 no_endpoint and keeps its cookie', () => {
  const policy = create({ onLost: 'fail' })
  const [a, b] = endpoints(2)
  const [, cookie] = newSession(policy, [a])
  const exchange = returning(cookie)
  assert.throws(() => policy.pick([b], exchange), {
    name: 'GatewayError',
    reason: 'no_endpoint',
    statusCode: 503
  })
  assert.equal(exchange.attemptCookies, null)
  assert.equal(policy.pick([a, b], returning(cookie)), a)
})

test('when the first attempt of a new session fails, the cookie is that of the endpoint that answered', () => {
  const policy = create()
  const [a, b] = endpoints(2)
  const exchange = fakeExchange()
  policy.pick([a], exchange)
  policy.pick([b], exchange)
  assert.equal(policy.pick([a, b], returning(cookieOf(exchange))), b)
})

test('a hedge of a session that has its endpoint gets no cookie, that of a new one does', () => {
  const policy = create()
  const [a, b] = endpoints(2)
  const [, cookie] = newSession(policy, [a])
  for (const [exchange, cookies] of [
    [returning(cookie), null],
    [fakeExchange(), 1]
  ] as const) {
    exchange.attempts.push(fakeAttempt(a))
    exchange.hedging = true
    assert.equal(policy.pick([b], exchange), b)
    assert.equal(exchange.attemptCookies?.length ?? null, cookies)
  }
})

test('pools have cookies with names of their own that give nothing away, unless named', () => {
  const nameOf = (policy: BalancingPolicy) => newSession(policy, endpoints(1))[1].split('=')[0]
  const users = nameOf(create({}, 'users'))
  assert.match(users ?? '', /^gw_[\w-]{8}$/)
  assert.notEqual(users, nameOf(create({}, 'orders')))
  assert.equal(users, nameOf(create({}, 'users')))
  assert.equal(nameOf(create({ cookie: 'session' })), 'session')
})

test('a draining endpoint keeps its sessions and gets no new ones', () => {
  const policy = create({ inner: 'round-robin' })
  const all = endpoints(2)
  const pool = new Pool('test', all, policy, {} as never)
  const [endpoint, cookie] = newSession(policy, all)
  pool.drain(endpoint.url)
  const [other] = pool.candidates
  assert.deepEqual(pool.candidatesFor(returning(cookie)), [other, endpoint])
  assert.equal(policy.pick([other as Endpoint, endpoint], returning(cookie)), endpoint)
  for (const exchange of [fakeExchange(), returning(`${cookie}x`)])
    assert.equal(pool.candidatesFor(exchange), pool.candidates)
})

test('a new session has nowhere to go when every endpoint drains', () => {
  const policy = create()
  const all = endpoints(2)
  const pool = new Pool('test', all, policy, {} as never)
  const [endpoint, cookie] = newSession(policy, all)
  for (const { url } of all) pool.drain(url)
  assert.deepEqual(pool.candidatesFor(fakeExchange()), [])
  assert.deepEqual(pool.candidatesFor(returning(cookie)), [endpoint])
})
