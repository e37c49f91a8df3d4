import assert from 'node:assert/strict'
import { request as http } from 'node:http'
import { request as https } from 'node:https'
import { test } from 'node:test'
import { monotonic, processTimers } from '@gatewright/core'
import { testIssuer, virtualTime } from '@gatewright/testing'
import { type KeyAddress, keyFetcher } from './fetch-keys.js'
import type { FetchedKeys } from './remote-keys.js'

function fetchFrom(address: Pick<KeyAddress, 'url' | 'issuer'> & Partial<KeyAddress>): Promise<FetchedKeys> {
  const whole = { timeoutMs: 5_000, allowHttp: true, ca: undefined, ...address }
  return keyFetcher(whole, { http, https }, { clock: monotonic, timers: processTimers })(null).keys
}

test('a key set is fetched by its URL, with how long it holds', async (t) => {
  const issuer = await testIssuer(t)
  issuer.cacheControl = 'public, max-age=600, must-revalidate'
  const { keys, maxAgeMs } = await fetchFrom({ url: new URL(issuer.keysUrl), issuer: null })
  assert.deepEqual(
    keys.keys.map(({ kid }) => kid),
    ['key-1']
  )
  assert.equal(maxAgeMs, 600_000)
})

test('a response that does not say how long it holds leaves that open', async (t) => {
  const issuer = await testIssuer(t)
  for (const value of ['', 'no-store', 's-maxage=60', 'max-age=soon', 'max-age=-1']) {
    issuer.cacheControl = value
    assert.equal((await fetchFrom({ url: new URL(issuer.keysUrl), issuer: null })).maxAgeMs, null, value)
  }
})

test('discovery asks the issuer where its key set is', async (t) => {
  const issuer = await testIssuer(t)
  const { keys } = await fetchFrom({ url: new URL(issuer.url), issuer: issuer.url })
  assert.equal(keys.keys.length, 1)
  assert.deepEqual(
    issuer.upstream.requests.map(({ target }) => target),
    ['/.well-known/openid-configuration', '/jwks']
  )
})

test('an issuer with a path is asked below it', async (t) => {
  const issuer = await testIssuer(t)
  await assert.rejects(
    fetchFrom({ url: new URL(`${issuer.url}/realms/one/`), issuer: `${issuer.url}/realms/one/` })
  )
  assert.equal(issuer.upstream.requests[0]?.target, '/realms/one/.well-known/openid-configuration')
})

test('a discovery document that leads elsewhere is refused', async (t) => {
  const issuer = await testIssuer(t)
  const { url, keysUrl } = issuer
  const rows: readonly (readonly [object | string, RegExp, boolean?])[] = [
    [{ issuer: `${url}/`, jwks_uri: keysUrl }, /another issuer/],
    [{ issuer: 'https://evil.test', jwks_uri: keysUrl }, /another issuer/],
    [{ jwks_uri: keysUrl }, /another issuer/],
    [{ issuer: url }, /names no key set/],
    [{ issuer: url, jwks_uri: '/jwks' }, /names no key set/],
    [{ issuer: url, jwks_uri: 7 }, /names no key set/],
    [{ issuer: url, jwks_uri: 'file:///etc/passwd' }, /without TLS/],
    [{ issuer: url, jwks_uri: keysUrl }, /without TLS/, false],
    ['[]', /another issuer/],
    ['null', /another issuer/]
  ]
  for (const [document, error, allowHttp = true] of rows) {
    issuer.upstream.next({ body: typeof document === 'string' ? document : JSON.stringify(document) })
    await assert.rejects(fetchFrom({ url: new URL(url), issuer: url, allowHttp }), { message: error })
  }
  assert.equal(issuer.fetches, 0)
})

test('what is no key set of use is refused, and what has only some keys of use is taken', async (t) => {
  const issuer = await testIssuer(t)
  const [good] = issuer.keySet.keys
  const oct = { kty: 'oct', k: 'c2VjcmV0' }
  for (const [document, error] of [
    [{}, /no list 'keys'/],
    [{ keys: {} }, /no list 'keys'/],
    [{ keys: [] }, /no key of use/],
    [{ keys: [oct] }, /one is a shared secret/],
    [{ keys: Array.from({ length: 101 }, () => good) }, /more than 100 keys/],
    [[], /no list 'keys'/]
  ] as const) {
    issuer.upstream.next({ body: JSON.stringify(document) })
    await assert.rejects(fetchFrom({ url: new URL(issuer.keysUrl), issuer: null }), { message: error })
  }
  issuer.upstream.next({ body: JSON.stringify({ keys: [oct, 7, null, {}, { kty: 'EC' }, good, good] }) })
  const { keys } = await fetchFrom({ url: new URL(issuer.keysUrl), issuer: null })
  assert.equal(keys.keys.length, 1)
  assert.equal(keys.unused.length, 5)
})

test('a key set of 512 KiB is read, and not more', async (t) => {
  const issuer = await testIssuer(t)
  const padded = (bytes: number): string => {
    const body = JSON.stringify({ ...issuer.keySet, pad: '' })
    return body.replace('"pad":""', `"pad":"${'x'.repeat(bytes - body.length)}"`)
  }
  issuer.upstream.next({ body: padded(512 * 1_024) })
  assert.equal((await fetchFrom({ url: new URL(issuer.keysUrl), issuer: null })).keys.keys.length, 1)
  issuer.upstream.next({ body: padded(512 * 1_024 + 1) })
  await assert.rejects(fetchFrom({ url: new URL(issuer.keysUrl), issuer: null }), {
    message: /longer than 524288 bytes/
  })
})

test('discovery and the key set share one time', async (t) => {
  const issuer = await testIssuer(t)
  const time = virtualTime()
  const address = { url: new URL(issuer.url), issuer: issuer.url, allowHttp: true, ca: undefined }
  const discovery = issuer.upstream.hold()
  const { keys } = keyFetcher({ ...address, timeoutMs: 1_000 }, { http, https }, time)(null)
  const rejected = assert.rejects(keys, { message: 'no answer within 400 ms' })
  const { respond } = await discovery
  time.advance(600)
  const keySet = issuer.upstream.hold()
  await respond.answer({ body: JSON.stringify({ issuer: issuer.url, jwks_uri: issuer.keysUrl }) })
  await keySet
  time.advance(400)
  await rejected
})
