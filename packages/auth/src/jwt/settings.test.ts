import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JwtSchemeConfig } from '../config/config.js'
import { ASYMMETRIC } from './algorithms.js'
import { addressOf, remoteSettingsOf, rulesOf } from './settings.js'

const MINUTE = 60_000
const config = (more: Partial<JwtSchemeConfig> = {}): JwtSchemeConfig => ({
  type: 'jwt',
  issuer: 'https://id.test/one/',
  audience: 'api',
  ...more
})

test('tokens are checked by what the reference says where nothing else is said', () => {
  assert.deepEqual(rulesOf(config()), {
    algorithms: new Set(ASYMMETRIC),
    types: new Set(['jwt', 'at+jwt', '']),
    issuers: new Set(['https://id.test/one/']),
    audiences: new Set(['api']),
    clockSkewMs: MINUTE,
    requiredClaims: [],
    maxLifetimeMs: Number.POSITIVE_INFINITY,
    maxTokenBytes: 8 * 1_024,
    maxCached: 10_000
  })
  assert.deepEqual(remoteSettingsOf({}), {
    refreshMs: 10 * MINUTE,
    staleIfErrorMs: 24 * 60 * MINUTE,
    cooldownMs: 30_000
  })
})

test('and by what is said', () => {
  const rules = rulesOf(
    config({
      issuer: ['https://a.test', 'https://b.test'],
      audience: false,
      keys: { secret: 's'.repeat(64) },
      algorithms: ['HS384'],
      types: ['application/AT+JWT'],
      clockSkew: '0ms',
      requiredClaims: ['jti'],
      maxLifetime: '1h',
      maxTokenSize: '2KiB',
      cache: false
    })
  )
  assert.deepEqual(rules, {
    algorithms: new Set(['HS384']),
    types: new Set(['at+jwt']),
    issuers: new Set(['https://a.test', 'https://b.test']),
    audiences: null,
    clockSkewMs: 0,
    requiredClaims: ['jti'],
    maxLifetimeMs: 60 * MINUTE,
    maxTokenBytes: 2_048,
    maxCached: 0
  })
  assert.equal(rulesOf(config({ cache: { maxTokens: 7 } })).maxCached, 7)
  assert.deepEqual(rulesOf(config({ keys: { secret: 's'.repeat(32) } })).algorithms, new Set(['HS256']))
  assert.deepEqual(remoteSettingsOf({ refresh: '5m', staleIfError: '0ms', cooldown: '1s' }), {
    refreshMs: 5 * MINUTE,
    staleIfErrorMs: 0,
    cooldownMs: 1_000
  })
})

test('keys are asked for at their URL, or at the issuer, whose name its document must have exactly', () => {
  const of = (more: Partial<JwtSchemeConfig>) => {
    const { url, ...rest } = addressOf(config(more))
    return { url: url.href, ...rest }
  }
  const usual = { timeoutMs: 5_000, allowHttp: false, ca: undefined }
  const issuer = 'https://id.test/one/'
  for (const keys of [undefined, {}, { discovery: true }, { discovery: issuer }] as const)
    assert.deepEqual(of(keys === undefined ? {} : { keys }), { url: issuer, issuer, ...usual })
  const keys = { url: 'http://keys.test/jwks', timeout: '1s', allowHttp: true, ca: 'PEM' } as const
  assert.deepEqual(of({ keys }), {
    url: 'http://keys.test/jwks',
    issuer: null,
    timeoutMs: 1_000,
    allowHttp: true,
    ca: 'PEM'
  })
})
