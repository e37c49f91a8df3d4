import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import type { Trust } from '../model/ingress-settings.js'
import { createRequestIds, isRequestId, knownRequestId } from './request-id.js'
import { createTrust, trustNobody } from './trust.js'

const FROM = '10.0.0.1'
const UUID = /^[\da-f-]{36}$/

function request(headers: Record<string, string>): IncomingMessage {
  return { headers, socket: { remoteAddress: FROM } } as unknown as IncomingMessage
}

const by = (trust: Trust) => {
  const settings = { trust, requestIdHeader: 'x-id' }
  return () => settings
}

test('a request is told by the same id whoever asks, and no other by it', () => {
  const idOf = createRequestIds(() => ({ trust: trustNobody, requestIdHeader: 'x-request-id' }))
  const raw = request({ 'x-request-id': 'abc' })
  assert.equal(knownRequestId(raw), undefined)
  assert.match(idOf(raw), UUID)
  assert.equal(idOf(raw), knownRequestId(raw))
  assert.notEqual(idOf(request({})), idOf(raw))
})

test('a plain id of a trusted peer is kept, any other is not', () => {
  const idOf = createRequestIds(by(createTrust([FROM])))
  assert.equal(idOf(request({ 'x-id': 'abc' })), 'abc')
  for (const id of ['', 'a b', 'a, b', 'x'.repeat(129)]) assert.match(idOf(request({ 'x-id': id })), UUID)
  assert.match(createRequestIds(by(createTrust(['10.0.0.2'])))(request({ 'x-id': 'abc' })), UUID)
})

test('an id is a plain token of at most 128 characters', () => {
  for (const id of ['a', 'A.b:c+d/e=f@g-1_2', 'x'.repeat(128)]) assert.equal(isRequestId(id), true, id)
  for (const id of ['', ' ', 'a\n', '"', 'é', 'x'.repeat(129)]) assert.equal(isRequestId(id), false, id)
})
