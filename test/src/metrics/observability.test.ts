import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ACCESS_LOG_FIELDS } from '@gatewright/access-log'
import { showSources } from '@gatewright/config'
import { createGateway } from '@gatewright/gateway'

const root = new URL('../../../', import.meta.url)
const page = readFileSync(new URL('docs/observability.md', root), 'utf8')

/** What shows the sources of files and URLs, which `gatewright run` has. */
const NO_WATCHER = { sources: [], refresh: async () => {}, close: () => {} }

function section(title: string): string {
  const [, text = ''] = page.split(`\n## ${title}\n`)
  return text.split('\n## ')[0] ?? ''
}

function names(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].flatMap(([, name = '']) => name)
}

test('the page has a row for every metric, with its type, labels and meaning, and no other', async () => {
  const gateway = createGateway({
    logger: false,
    metrics: true,
    accessLog: { destination: { write: () => {} } }
  })
  await gateway.ready()
  showSources(gateway.app.gateway, NO_WATCHER)
  const rows = gateway.app.metrics.families.map(({ name, type, labels, help }) => {
    const listed = labels.length === 0 ? '–' : labels.map((label) => `\`${label}\``).join(', ')
    return `| \`${name}\` | ${type} | ${listed} | ${help} |`
  })
  await gateway.close()
  assert.deepEqual(
    section('Metrics')
      .split('\n')
      .filter((line) => line.startsWith('| `')),
    rows
  )
})

test('the page names every field of the access log, in its order, and no other', () => {
  const [list = ''] = section('Access log').split('What each means')
  assert.deepEqual(names(list.slice(list.indexOf('`level`')), /`(\w+)`/g), ACCESS_LOG_FIELDS)
})

test('the page names every alert that can be made', async () => {
  const source = readFileSync(new URL('packages/metrics/src/state-alerts.ts', root), 'utf8')
  const gateway = createGateway({ logger: false, accessLog: false })
  await gateway.ready()
  showSources(gateway.app.gateway, NO_WATCHER)
  const added = gateway.app.gateway.monitoring.flatMap(({ alerts }) => alerts.map(({ name }) => name))
  await gateway.close()
  const made = [...names(source, /'(Gateway\w+)'/g), ...added]
  const documented = names(section('Alerts and dashboard'), /`(Gateway\w+)`/g)
  const burns = ['GatewayAvailabilityBurnFast', 'GatewayLatencyBurnFast']
  assert.deepEqual(documented.toSorted(), [...made, ...burns].toSorted())
})

test('the page names every attribute and event of the gateway’s own', async () => {
  const gateway = createGateway({ logger: false, accessLog: false })
  await gateway.ready()
  const { facts, events: told } = gateway.app.gateway
  const sources = ['attributes', 'tracing'].map((name) =>
    readFileSync(new URL(`packages/tracing/src/${name}.ts`, root), 'utf8')
  )
  const used = new Set(names(sources.join(), /'(gatewright\.[a-z._]+)'/g))
  for (const { attribute } of facts.all) if (attribute !== undefined) used.add(attribute)
  const traces = section('Traces')
  const rows = names(traces, /^\| `(gatewright\.[a-z._]+)` \|/gm)
  const events = ['gatewright.route']
  told.each((name, { span }) => {
    if (span === true) events.push(`gatewright.${name}`)
  })
  assert.equal(events.length, 7)
  await gateway.close()
  const attributes = [...used].filter((name) => name === 'gatewright.observed' || !events.includes(name))
  assert.deepEqual(rows.toSorted(), attributes.toSorted())
  for (const event of events) assert.ok(traces.includes(`\`${event}\``), event)
  const readme = readFileSync(new URL('packages/tracing/README.md', root), 'utf8')
  for (const name of used) assert.ok(readme.includes(`\`${name}\``), name)
})
