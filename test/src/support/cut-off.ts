import assert from 'node:assert/strict'
import type { RawResponse } from '@gatewright/testing'

/** Asserts that a client cannot take the response for a whole one. */
export function assertCutOff(response: RawResponse): void {
  assert.equal(response.complete, false)
  assert.doesNotMatch(response.raw.toString('latin1'), /\r\n0\r\n\r\n$/)
}
