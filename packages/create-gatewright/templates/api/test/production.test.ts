import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lint } from '@gatewright/lint'
import { buildGateway } from '../src/gateway.js'
import { CATALOG, keys, ORDERS } from './virtual.js'

/** What is to decide before production, by the rules of https://github.com/gatewright/gatewright/blob/main/docs/production.md */
const TO_DECIDE: Readonly<Record<string, string>> = {
  'production.metrics-unprotected': 'who reaches PROBE_PORT: close it to clients, or `requireToken`',
  'production.no-overload-protection': 'what is refused for lack of CPU or memory: `overload`',
  'production.plain-credentials': 'where TLS ends: `requireTls`'
}

test('the production checklist finds nothing but what is known to be undecided', async (t) => {
  const gateway = buildGateway({ orders: ORDERS, catalog: CATALOG, keys, production: true })
  t.after(() => gateway.close())
  await gateway.ready()

  const found = lint(gateway.config, { production: true }).filter(({ severity }) => severity !== 'info')

  const open = found
    .filter(({ id }) => !(id in TO_DECIDE))
    .map(({ id, path, fix }) => `${id} (${path}): ${fix}`)
  assert.deepEqual(open, [])
  const done = Object.keys(TO_DECIDE).filter((id) => !found.some((finding) => finding.id === id))
  assert.deepEqual(done, [], 'these are decided: take them out')
})
