import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Endpoint } from './endpoint.js'
import { Pool } from './pool.js'
import { resolvePool } from './settings.js'

const [A, B] = ['http://a:1', 'http://b:2/base']

function pool(): Pool {
  const endpoints = [A, B].map((url) => new Endpoint('p', new URL(url as string), 1))
  return new Pool('p', endpoints, { pick: ([first]) => first }, resolvePool({ endpoints: [] }))
}

function candidates(p: Pool): string[] {
  return p.candidates.map(({ url }) => url)
}

test('the candidates are the open endpoints in order, the same array until something changes', () => {
  const p = pool()
  assert.deepEqual(candidates(p), [A, B])
  assert.equal(p.candidates, p.candidates)
})

test('an endpoint of weight 0 is no candidate, and comes back with another weight', () => {
  const p = pool()
  const before = p.candidates
  p.setWeight(A, 0)
  assert.deepEqual(candidates(p), [B])
  p.setWeight(A, 5)
  assert.deepEqual(candidates(p), [A, B])
  assert.equal(p.endpoint(A).weight, 5)
  assert.deepEqual(
    before.map(({ url }) => url),
    [A, B]
  )
})

test('a draining endpoint is no candidate until it is undrained, whatever its weight', () => {
  const p = pool()
  p.drain(B)
  p.setWeight(B, 9)
  assert.deepEqual(candidates(p), [A])
  assert.equal(p.endpoint(B).draining, true)
  p.undrain(B)
  assert.deepEqual(candidates(p), [A, B])
})

test('all endpoints can be drained', () => {
  const p = pool()
  p.drain(A)
  p.drain(B)
  assert.deepEqual(candidates(p), [])
})

for (const weight of [-1, 1.5, 65_536, Number.NaN, Number.POSITIVE_INFINITY])
  test(`the weight ${weight} is refused and changes nothing`, () => {
    const p = pool()
    assert.throws(() => p.setWeight(A, weight), {
      code: 'GW_VALUE_INVALID',
      message: 'weight must be an integer from 0 to 65535, or null'
    })
    assert.equal(p.endpoint(A).weight, 1)
  })

test('the limits of a weight are weights', () => {
  const p = pool()
  p.setWeight(A, 65_535)
  p.setWeight(B, 0)
  assert.deepEqual(
    p.endpoints.map(({ weight }) => weight),
    [65_535, 0]
  )
})

test('an endpoint is found by any spelling of its URL', () => {
  const p = pool()
  for (const url of ['http://A:1', 'http://a:1/', 'http://a:1//']) assert.equal(p.endpoint(url).url, A)
  assert.equal(p.endpoint('http://b:2/base/').url, B)
})

test('an endpoint is found by what is shown of it, unless another one looks the same', () => {
  const pool = new Pool('app', [], { pick: ([first]) => first }, resolvePool({ endpoints: [] }))
  pool.replaceEndpoints(['http://a.test/?key=1', 'http://b.test/?key=2', 'http://b.test/?key=3'])
  assert.equal(pool.endpoint('http://a.test?key=***').url, 'http://a.test?key=1')
  const wrong = (): unknown => pool.endpoint('http://b.test/?key=4')
  assert.throws(wrong, (error: Error) => !/[1-4]/.test(error.message.replace('GW_', '')))
  assert.throws(() => pool.endpoint('http://b.test?key=***'))
})

test('an unknown endpoint is refused with the nearest one', () => {
  const p = pool()
  for (const change of [
    () => p.endpoint('http://a:11'),
    () => p.drain('http://a:11'),
    () => p.undrain('http://a:11'),
    () => p.setWeight('http://a:11', 1)
  ])
    assert.throws(change, {
      code: 'GW_ENDPOINT_UNKNOWN',
      message: "There is no endpoint 'http://a:11' in pool 'p'; did you mean 'http://a:1'?"
    })
  assert.throws(() => p.endpoint('not a url'), { code: 'GW_ENDPOINT_UNKNOWN' })
})

test('an endpoint is another one when it goes by another name, and the same one under any spelling of it', () => {
  const p = pool()
  const changes: string[][] = []
  p.onChange = (...lists) =>
    void changes.push(...lists.map((list) => list.map(({ url, host }) => `${url} ${host}`)))
  const [first] = p.endpoints
  p.replaceEndpoints([{ url: A, authority: 'shop.test:80' }, B])
  const [second] = p.endpoints
  assert.notEqual(second, first)
  assert.equal(first?.draining, true)
  assert.deepEqual(changes, [[`${A} shop.test`], [`${A} a:1`]])
  p.replaceEndpoints([{ url: A, authority: 'SHOP.test' }, B])
  assert.equal(p.endpoints[0], second)
})

test('what is set by hand holds whatever the list says, until it is taken back', () => {
  const p = pool()
  p.setWeight(A, 0)
  p.drain(B)
  p.replaceEndpoints([A, B, 'http://c:3'])
  p.replaceEndpoints([
    { url: A, weight: 7 },
    { url: B, weight: 7 }
  ])
  assert.deepEqual(candidates(p), [])
  p.undrain(B)
  assert.deepEqual(candidates(p), [B])
  assert.equal(p.endpoint(B).weight, 7)
  p.setWeight(A, null)
  assert.deepEqual([candidates(p), p.endpoint(A).weight], [[A, B], 7])
})

test('an endpoint that returns is the one that left, with what was set by hand', () => {
  const p = pool()
  const [a, b] = p.endpoints
  p.setWeight(A, 3)
  p.drain(A)
  const changes: (readonly Endpoint[])[] = []
  p.onChange = (...lists) => void changes.push(...lists)
  p.replaceEndpoints([B])
  assert.equal(a?.open, false)
  p.replaceEndpoints([A])
  assert.deepEqual(changes, [[], [a], [a], [b]])
  assert.deepEqual([p.endpoints[0], a?.weight, candidates(p)], [a, 3, []])
  p.undrain(A)
  assert.deepEqual(candidates(p), [A])
  // One that was not drained by hand is open again.
  p.replaceEndpoints([B])
  assert.deepEqual([p.endpoints[0], candidates(p)], [b, [B]])
})

test('what returns under another name is another endpoint', () => {
  const p = pool()
  const [a] = p.endpoints
  p.replaceEndpoints([{ url: A, authority: 'shop.test' }, B])
  p.replaceEndpoints([B])
  p.replaceEndpoints([{ url: A, authority: 'cart.test' }])
  assert.notEqual(p.endpoints[0], a)
  p.replaceEndpoints([A])
  assert.equal(p.endpoints[0], a)
})

test('of endpoints that left, the last thousand are remembered', () => {
  const p = pool()
  const [a] = p.endpoints
  const others = (from: number, count: number): string[] =>
    Array.from({ length: count }, (_, n) => `http://other-${from + n}`)
  p.replaceEndpoints(others(0, 998))
  p.replaceEndpoints(others(1_000, 1))
  p.replaceEndpoints([A])
  assert.equal(p.endpoints[0], a)
  p.replaceEndpoints(others(2_000, 1_000))
  p.replaceEndpoints(others(4_000, 1))
  p.replaceEndpoints([A])
  assert.notEqual(p.endpoints[0], a)
})

for (const [authority, host, serverName] of [
  ['', '[::1]:8443', '::1'],
  ['shop.test', 'shop.test', 'shop.test'],
  ['shop.test.:9', 'shop.test.:9', 'shop.test'],
  ['[::2]:443', '[::2]', '::2']
])
  test(`an endpoint with the authority '${authority}' sends ${host} and verifies ${serverName}`, () => {
    const endpoint = new Endpoint('p', new URL('https://[::1]:8443/base'), 1, authority)
    assert.deepEqual([endpoint.host, endpoint.serverName], [host, serverName])
    assert.deepEqual([endpoint.url, endpoint.origin], ['https://[::1]:8443/base', 'https://[::1]:8443'])
  })

function supplied(urls: readonly string[], previous: Pool | null = null): Pool {
  const endpoints = urls.map((url) => new Endpoint('p', new URL(url), 1))
  const policy = { pick: ([first]: readonly Endpoint[]) => first as Endpoint }
  return new Pool('p', endpoints, policy, resolvePool({ endpoints: [] }), {}, { supplied: true, previous })
}

test('what a feature has brought stays when the pool changes; what was listed beside it does not', () => {
  const first = supplied([A as string])
  const second = supplied([B as string], first)
  second.takeOver(first)
  assert.deepEqual(candidates(second), [B])
  second.replaceEndpoints(['http://c:3'])
  const third = supplied([A as string], second)
  const { added, removed } = third.takeOver(second)
  assert.deepEqual([candidates(third), added, removed], [['http://c:3'], [], []])
  const fourth = supplied([], third)
  fourth.takeOver(third)
  assert.deepEqual(candidates(fourth), ['http://c:3'])
})

test('a pool that lists nothing and whose feature has brought nothing goes on with the endpoints there were', () => {
  const first = pool()
  const second = supplied([], first)
  second.takeOver(first)
  assert.deepEqual(candidates(second), [A, B])
  // They were not found, so that a list of its own goes before them.
  const third = supplied([B as string], second)
  third.takeOver(second)
  assert.deepEqual(candidates(third), [B])
})

test('pools are compared key by key, by what they were configured with', () => {
  const made = (config: object) =>
    new Pool('p', [], { pick: ([first]) => first }, resolvePool({ endpoints: [] }), config, {
      source: structuredClone(config)
    })
  const one = made({ tls: { ca: ['x'] }, timeouts: { connect: '1s' } })
  const other = made({ tls: { ca: ['x'] } })
  assert.equal(one.sameFor(other, 'tls', 'connections'), true)
  assert.equal(one.sameFor(other, 'tls', 'timeouts'), false)
})
