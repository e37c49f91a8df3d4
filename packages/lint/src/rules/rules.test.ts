import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { parse } from 'yaml'
import { lint } from '../lint.js'
import { LINT_RULES } from './rules.js'

const idsIn = (text: string): string[] => [
  ...new Set(lint(parse(text) as GatewayServerConfig).map(({ id }) => id))
]

for (const rule of LINT_RULES) {
  test(`${rule.id}: its example has it, and nothing else`, () => {
    assert.deepEqual(idsIn(rule.found), [rule.id])
  })

  test(`${rule.id}: its other example has nothing`, () => {
    assert.deepEqual(lint(parse(rule.clean) as GatewayServerConfig), [])
  })
}

test('ids are words with dots and hyphens, and each is there once', () => {
  const ids = LINT_RULES.map(({ id }) => id)
  assert.equal(new Set(ids).size, ids.length)
  for (const id of ids) assert.match(id, /^[a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z0-9]+)*$/)
})

test('a gateway takes every example: rules look at what the start does not refuse', async () => {
  const gateway = createGateway({ logger: false, accessLog: false })
  await gateway.ready()
  const refused: string[] = []
  try {
    for (const { id, found, clean } of LINT_RULES)
      for (const text of [found, clean])
        await gateway
          .apply(parse(text) as GatewayServerConfig, { dryRun: true, onRestartKeys: 'keep' })
          .catch((error: Error) => refused.push(`${id}: ${error.message}`))
  } finally {
    await gateway.close()
  }
  assert.deepEqual(refused, [])
})
