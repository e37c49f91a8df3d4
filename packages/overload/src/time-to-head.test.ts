import assert from 'node:assert/strict'
import { test } from 'node:test'
import { timeToHead } from './time-to-head.js'

const attempt = { startedAt: 100, headAt: 160, status: 200 }
const none = { bodyEndedAt: 0, body: null, ingress: { hasBody: false } } as never
const upload = (bodyEndedAt: number, body: Buffer | null = null): never =>
  ({ bodyEndedAt, body, ingress: { hasBody: true } }) as never

test('the time to a head runs from the beginning of the attempt, or from the end of the body', () => {
  assert.equal(timeToHead(attempt, none), 60)
  assert.equal(timeToHead(attempt, upload(150)), 10)
  // Sent again from what was kept.
  assert.equal(timeToHead(attempt, upload(50)), 60)
  assert.equal(timeToHead(attempt, upload(0, Buffer.from('whole'))), 60)
})

test('an answer before the end of the body says nothing, nor does a failure', () => {
  assert.equal(timeToHead(attempt, upload(0)), -1)
  assert.equal(timeToHead({ ...attempt, status: 503 }, none), -1)
})
