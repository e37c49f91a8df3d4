import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeExchange } from '@gatewright/testing'
import type { FastifyReply } from 'fastify'
import { isEligible } from './eligible.js'
import { resolveCompression } from './settings.js'

const settings = resolveCompression(true) as NonNullable<ReturnType<typeof resolveCompression>>

function eligible(statusCode: number, more: Readonly<Record<string, string | string[]>> = {}): boolean {
  const fields: Readonly<Record<string, string | string[]>> = { 'content-type': 'text/html', ...more }
  const reply = {
    statusCode,
    getHeader: (name: string) => fields[name],
    hasHeader: (name: string) => name in fields
  }
  return isEligible(settings, fakeExchange(), reply as unknown as FastifyReply)
}

test('whatever has content may be compressed, errors too', () => {
  for (const status of [200, 201, 203, 207, 299, 301, 400, 404, 500, 599])
    assert.equal(eligible(status), true, String(status))
})

test('what has no content, or is a part, is not', () => {
  for (const status of [100, 103, 199, 204, 205, 206]) assert.equal(eligible(status), false, String(status))
  assert.equal(eligible(416, { 'content-range': 'bytes */10' }), false)
})

test('what has a coding, a digest or a cookie is not, and neither is what must stay as it is', () => {
  for (const fields of [
    { 'content-encoding': 'gzip' },
    { 'content-encoding': ['identity', 'gzip'] },
    { 'content-digest': 'sha-256=:AAAA:' },
    { digest: 'sha-256=AAAA' },
    { 'content-md5': 'AAAA' },
    { 'set-cookie': 'a=1' },
    { 'cache-control': ['max-age=1', 'no-transform'] },
    { 'cache-control': 'NO-TRANSFORM,max-age=1' }
  ])
    assert.equal(eligible(200, fields as Record<string, string>), false, JSON.stringify(fields))
  for (const fields of [{ 'content-encoding': 'Identity' }, { 'cache-control': 'x-no-transform' }])
    assert.equal(eligible(200, fields as Record<string, string>), true, JSON.stringify(fields))
})
