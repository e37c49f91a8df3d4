import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Exchange } from '../model/exchange.js'
import { faultOf } from '../model/plugin-fault.js'
import { FaultLog } from './fault-log.js'

function logged() {
  const lines: { level: string; text: string; fields: Record<string, unknown> }[] = []
  let now = 0
  const faults = new FaultLog(() => now)
  const take = (level: string) => (fields: object, text: string) =>
    void lines.push({ level, text, fields: { ...fields } })
  faults.sink = { warn: take('warn'), error: take('error') }
  const advance = (ms: number): void => {
    now += ms
  }
  return { lines, faults, advance }
}

test('the same fault is told at once, then once a minute with how often it was, and at the end', () => {
  const { lines, faults, advance } = logged()
  const err = new Error('e')
  for (let n = 0; n < 100_000; n++) {
    faults.report(faultOf("the policy 'mine'", err))
    advance(1)
  }
  const of = (fields: object) => ({ level: 'error', text: "the policy 'mine' threw Error: e", fields })
  assert.deepEqual(lines, [of({ err }), of({ err, more: 59_999 })])
  faults.close()
  assert.deepEqual(lines[2], {
    level: 'warn',
    text: "the policy 'mine' has gone on so",
    fields: { more: 39_999, last: "the policy 'mine' threw Error: e" }
  })
  faults.close()
  assert.equal(lines.length, 3)
})

test('another fault of the same part is told too, but no more than ten a minute', () => {
  const { lines, faults } = logged()
  for (let n = 0; n < 1_000; n++) faults.report(faultOf('mine', new Error(`request ${n}`)))
  assert.equal(lines.length, 10)
  faults.report(faultOf('yours', new Error('e')))
  assert.equal(lines.length, 11)
})

test('however many parts there are, what is kept of them is bounded', () => {
  const { lines, faults } = logged()
  for (let n = 0; n < 5_000; n++) faults.report(faultOf(`part ${n}`, new Error('e')))
  assert.equal(lines.length, 1_010)
})

test('the request says so in its detail, unless that has something to say', () => {
  const { lines, faults } = logged()
  const [empty, full] = [
    { id: 'r-1', detail: '' },
    { id: 'r-2', detail: 'refused' }
  ] as unknown as [Exchange, Exchange]
  for (const exchange of [empty, full]) faults.report(faultOf('mine', new Error('e')), exchange)
  assert.deepEqual([empty.detail, full.detail], ['mine threw Error: e', 'refused'])
  assert.equal(lines[0]?.fields.request_id, 'r-1')
})

test('a log that throws is not thrown at whoever tells, and neither is nobody there', () => {
  const faults = new FaultLog(() => 0)
  faults.report(faultOf('mine', new Error('e')))
  const texts: string[] = []
  faults.sink = {
    warn() {},
    error(fields, text) {
      if (typeof (fields as { err: unknown }).err !== 'string') throw new Error('cannot be made text')
      texts.push(text)
    }
  }
  faults.report(faultOf('yours', new Error('e')))
  assert.deepEqual(texts, ['yours threw Error: e'])
})
