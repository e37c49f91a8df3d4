import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PRODUCTION_RULES, RULES } from '@gatewright/lint'
import { parse, stringify } from 'yaml'
import { gatewright } from '../support/command-line.js'
import { blocksOf } from '../support/markdown.js'
import { read } from '../support/workspace.js'

const PAGE = 'docs/production.md'
const page = read(PAGE)
const complete = blocksOf(page).find(({ info }) => info === 'yaml')?.code ?? ''

test('the checklist has every rule for production, and no rule that there is not', () => {
  const rows = page.match(/^\|.+$/gm)?.join('') ?? ''
  const named = [...rows.matchAll(/\[`([a-z-]+\.[a-z-]+)`\]\(lint\.md#/g)].map(([, id]) => String(id))
  assert.equal(new Set(named).size, named.length)
  for (const id of named)
    assert.ok(
      RULES.some((rule) => rule.id === id),
      id
    )
  for (const { id } of PRODUCTION_RULES) assert.ok(named.includes(id), id)
})

test('nothing is found in the configuration that the checklist shows', async (t) => {
  const argv = ['check', '--production', '--fail-on', 'info']
  const { code, out, err } = await gatewright(t, argv, { 'gateway.yaml': complete })
  assert.deepEqual([code, out, err], [0, 'gateway.yaml: ok (1 routes, 1 pools)\n', ''])
})

/** Decisions of that configuration, and what is found without them. */
const DECISIONS: readonly [path: string, rule: string][] = [
  ['trustedProxies', 'production.proxies-undecided'],
  ['auth', 'production.auth-undecided'],
  ['requireTls', 'production.plain-credentials'],
  ['rateLimit', 'production.no-rate-limit'],
  ['rateLimitStore', 'production.limits-per-process'],
  ['overload', 'production.no-overload-protection'],
  ['metrics.slo', 'production.no-objectives'],
  ['metrics', 'production.no-metrics'],
  ['probes', 'production.metrics-unprotected'],
  ['lint', 'production.unguarded-changes'],
  ['pools.users.health', 'production.no-health-checks'],
  ['pools.users.timeouts', 'production.no-total-timeout']
]
for (const [path, rule] of DECISIONS)
  test(`without ${path} the check says ${rule}`, async (t) => {
    const config = parse(complete)
    const names = path.split('.')
    const last = String(names.pop())
    delete names.reduce((part, name) => part[name], config)[last]
    const argv = ['check', '--production', '--fail-on', 'info', '--json']
    const { code, out } = await gatewright(t, argv, { 'gateway.yaml': stringify(config) })
    assert.equal(code, 1)
    assert.deepEqual(
      JSON.parse(out).findings.map(({ id }: { id: string }) => id),
      [rule]
    )
  })
