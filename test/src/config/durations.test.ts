import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DURATION_PATTERN, durationMs, LONGEST_TIMER_MS } from '@gatewright/core'
import { configProblems } from '../support/config-problems.js'
import { composedSchemas } from '../support/config-schemas.js'

interface Part {
  readonly pattern?: string
  readonly description?: string
  readonly lasts?: { readonly least: string; readonly most: string; readonly zero: boolean }
}

function* durationsIn(schema: unknown): Iterable<Part> {
  if (typeof schema !== 'object' || schema === null) return
  const part = schema as Part
  if (typeof part.pattern === 'string' && part.pattern.includes('(ms|s|m|h)')) yield part
  for (const below of Object.values(schema)) yield* durationsIn(below)
}

test('every duration has a least and a most, says them, and can be waited for by a timer', async () => {
  const { config, native, server } = await composedSchemas()
  const all = [...durationsIn(config), ...durationsIn(native), ...durationsIn(server)]
  assert.ok(all.length > 40)
  for (const { pattern, description = '', lasts } of all) {
    const { least, most } = lasts ?? assert.fail(`${description} has no range`)
    assert.ok(description.includes(`${least} to ${most}`), description)
    assert.ok(
      (durationMs(least) ?? 0) >= 1 && (durationMs(most) ?? Infinity) <= LONGEST_TIMER_MS,
      description
    )
    if (pattern === DURATION_PATTERN) assert.equal(description.includes('0ms: '), lasts?.zero, description)
  }
})

function problemsOf(health: object, timeouts: object = {}): Promise<string[]> {
  return configProblems({
    pools: { p: { endpoints: ['http://a'], health, timeouts, hedge: { after: '0ms' } } }
  })
}

test('a duration outside its range is a problem that says the range', async () => {
  assert.deepEqual(
    await problemsOf({ interval: '999999h', fastInterval: '0ms', timeout: '0s' }, { idle: '597h' }),
    [
      "pools.p.timeouts.idle: '597h' must be from 1ms to 596h, or 0ms",
      "pools.p.health.interval: '999999h' must be from 10ms to 596h",
      "pools.p.health.timeout: '0s' must be from 1ms to 596h",
      "pools.p.health.fastInterval: '0ms' must be from 10ms to 596h",
      "pools.p.hedge.after: '0ms' must be from 1ms to 596h"
    ]
  )
})

test('both ends of a range are in it, and zero where it has a meaning', async () => {
  const edges = await problemsOf(
    { interval: '10ms', timeout: '596h', fastInterval: '0.01s' },
    { idle: '0ms', total: '0.5ms' }
  )
  assert.deepEqual(edges, [
    "pools.p.timeouts.total: '0.5ms' must be from 1ms to 596h, or 0ms",
    "pools.p.hedge.after: '0ms' must be from 1ms to 596h"
  ])
})
