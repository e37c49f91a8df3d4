import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reason } from '../config/reason.js'
import { GatewayError } from './gateway-error.js'

const framesOf = (error: Error) => (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))

test('an error that is meant to be told has no stack, and leaves others theirs', () => {
  const error = new GatewayError('request_rejected', { cause: new Error('because') })
  assert.deepEqual(framesOf(error), [])
  assert.ok(framesOf(error.cause as Error).length > 0)
  assert.ok(framesOf(new Error('another')).length > 0)
})

for (const reason of ['internal_error', 'no_such_reason'] as Reason[])
  test(`an error that tells of a fault of the gateway has its stack: ${reason}`, () => {
    assert.match(framesOf(new GatewayError(reason))[0] ?? '', /gateway-error\.test/)
  })
