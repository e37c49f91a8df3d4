import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { parse } from 'yaml'
import type { Finding } from '../findings/finding.js'
import { lint } from '../lint.js'
import { lintChanges } from '../plugin.js'
import { isForProduction, PRODUCTION_RULES } from '../production/production-rules.js'
import { RULES } from './catalogue.js'

/** The day on which the examples are looked at. */
const now = new Date('2026-11-27T12:00:00Z')

const findingsIn = (text: string): Finding[] =>
  lint(parse(text) as GatewayServerConfig, { now }).filter(({ waivedBy }) => waivedBy === undefined)

const idsIn = (text: string): string[] => [...new Set(findingsIn(text).map(({ id }) => id))]

for (const rule of RULES.filter(({ id }) => !isForProduction(id))) {
  test(`${rule.id}: its example has it, and nothing else`, () => {
    const others = rule.id.startsWith('waiver.') ? ['retry.never'] : []
    assert.deepEqual(
      idsIn(rule.found).filter((id) => !others.includes(id)),
      [rule.id]
    )
  })

  test(`${rule.id}: its other example has nothing`, () => {
    assert.deepEqual(findingsIn(rule.clean), [])
  })
}

test('ids are words with dots and hyphens, and each is there once', () => {
  const ids = RULES.map(({ id }) => id)
  assert.equal(new Set(ids).size, ids.length)
  for (const id of ids) assert.match(id, /^[a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z0-9]+)*$/)
})

test('a gateway takes every example: rules look at what the start does not refuse', async () => {
  const gateway = createGateway({ logger: false, accessLog: false }).register(lintChanges)
  await gateway.ready()
  const refused: string[] = []
  try {
    for (const { id, found, clean } of RULES)
      for (const text of [found, clean])
        await gateway
          .apply(parse(text) as GatewayServerConfig, { dryRun: true, onRestartKeys: 'keep' })
          .catch((error: Error) => refused.push(`${id}: ${error.message}`))
  } finally {
    await gateway.close()
  }
  assert.deepEqual(refused, [])
})

const idsForProduction = (text: string): string[] =>
  lint(parse(text) as GatewayServerConfig, { now, production: true }).map(({ id }) => id)

for (const { id, found, clean } of PRODUCTION_RULES)
  test(`${id}: its example has it, its other one does not, and only production asks for it`, () => {
    assert.ok(idsForProduction(found).includes(id))
    assert.ok(!idsForProduction(clean).includes(id))
    assert.deepEqual([...findingsIn(found), ...findingsIn(clean)], [])
  })
