import assert from 'node:assert/strict'
import test from 'node:test'
import { GatewayError } from '@gatewright/core'
import { isStaleConnection, reasonOf } from './failure.js'

const failure = (code: string, message = ''): Error => Object.assign(new Error(message), { code })

const UNSENT: [string, string][] = [
  ['ECONNREFUSED', 'upstream_connect_failed'],
  ['ENOTFOUND', 'upstream_connect_failed'],
  ['ECONNRESET', 'upstream_connect_failed'],
  ['UND_ERR_CONNECT_TIMEOUT', 'upstream_connect_timeout'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'upstream_tls_failed'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'upstream_tls_failed'],
  ['CERT_HAS_EXPIRED', 'upstream_tls_failed'],
  ['UND_ERR_INVALID_ARG', 'internal_error']
]
for (const [code, reason] of UNSENT)
  test(`${code} before anything was sent is ${reason}`, () =>
    assert.equal(reasonOf(failure(code), false), reason))

const SENT: [string, string, string][] = [
  ['ECONNRESET', '', 'upstream_reset'],
  ['UND_ERR_SOCKET', 'other side closed', 'upstream_reset'],
  ['UND_ERR_SOCKET', 'bad response', 'upstream_protocol_error'],
  ['HPE_INVALID_CONSTANT', '', 'upstream_protocol_error'],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', '', 'upstream_reset'],
  ['UND_ERR_HEADERS_OVERFLOW', '', 'upstream_protocol_error'],
  ['UND_ERR_RESPONSE', '', 'upstream_protocol_error']
]
for (const [code, message, reason] of SENT)
  test(`${code} ${message} after the request was sent is ${reason}`, () =>
    assert.equal(reasonOf(failure(code, message), true), reason))

test('an error of the parser has no code: the end within a message is a reset, all else a breach of protocol', () => {
  const parserError = (rule: string): Error =>
    Object.assign(new Error(`Response does not match the HTTP/1.1 protocol (${rule})`), {
      name: 'HTTPParserError'
    })
  assert.equal(reasonOf(parserError('Invalid EOF state'), true), 'upstream_reset')
  assert.equal(reasonOf(parserError('Expected HTTP/'), true), 'upstream_protocol_error')
})

test('an error of the gateway keeps its reason', () => {
  assert.equal(reasonOf(new GatewayError('body_too_large'), true), 'body_too_large')
})

test('an aggregate of refused addresses is a failure to connect', () => {
  const error = Object.assign(new AggregateError([failure('ECONNREFUSED')]), { code: 'ECONNREFUSED' })
  assert.equal(reasonOf(error, false), 'upstream_connect_failed')
})

test('only the end of a kept-alive connection looks stale', () => {
  assert.ok(isStaleConnection(failure('ECONNRESET')))
  assert.ok(isStaleConnection(failure('EPIPE')))
  assert.ok(isStaleConnection(failure('UND_ERR_SOCKET', 'other side closed')))
  assert.ok(!isStaleConnection(failure('UND_ERR_SOCKET', 'bad response')))
  assert.ok(!isStaleConnection(failure('HPE_INVALID_CONSTANT')))
  assert.ok(!isStaleConnection(null))
})
