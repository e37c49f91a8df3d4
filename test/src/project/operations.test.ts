import assert from 'node:assert/strict'
import { posix } from 'node:path'
import { type TestContext, test } from 'node:test'
import { showSources } from '@gatewright/config'
import { createGateway } from '@gatewright/gateway'
import { gatewright } from '../support/command-line.js'
import { anchorsOf, blocksOf, headingsOf } from '../support/markdown.js'
import { pages } from '../support/pages.js'
import { testNamesOf } from '../support/test-names.js'
import { read } from '../support/workspace.js'

const PLAYBOOKS = 'docs/operations/playbooks.md'

async function everything(t: TestContext) {
  const gateway = createGateway({
    logger: false,
    metrics: { listener: 'app' },
    accessLog: { destination: { write: () => {} } }
  })
  t.after(() => gateway.close())
  await gateway.ready()
  showSources(gateway.app.gateway, { sources: [] })
  // What the configuration does not use is generated all the same.
  for (const one of gateway.app.gateway.monitoring) Object.assign(one, { isUsed: () => true })
  return gateway
}

test('each alert leads to its playbook, and there is a playbook for nothing else', async (t) => {
  const gateway = await everything(t)
  const rules = (await gateway.inject('/metrics/rules.yml')).body
  const urls = [
    ...rules.matchAll(/runbook_url: \W?https:\/\/github\.com\/[^#\s]+\/main\/([^#\s]+)#([\w-]+)/g)
  ]
  assert.equal(urls.length, rules.match(/alert: /g)?.length)
  assert.ok(urls.length > 25, `${urls.length} alerts`)
  const anchors = anchorsOf(read(PLAYBOOKS))
  for (const [, page, anchor = ''] of urls) {
    assert.equal(page, PLAYBOOKS)
    assert.ok(anchors.has(anchor), `${PLAYBOOKS} has no heading ${anchor}`)
  }
  assert.deepEqual(
    headingsOf(read(PLAYBOOKS))
      .filter(({ level }) => level === 3)
      .map(({ text }) => text.toLowerCase())
      .toSorted(),
    [...new Set(urls.map(([, , anchor]) => anchor))].toSorted()
  )
})

test('operators’ pages name metrics that there are', async (t) => {
  const gateway = await everything(t)
  const known = new Set(gateway.app.metrics.families.map(({ name }) => name))
  let named = 0
  for (const page of pages.filter((name) => name.startsWith('docs/operations/')))
    for (const [name] of read(page).matchAll(/\bproxy_\w+/g)) {
      named++
      assert.ok(known.has(name.replace(/_bucket$/, '')), `${page}: ${name}`)
    }
  assert.ok(named > 30, `${named}`)
})

test('operators’ pages name commands and options that there are', async (t) => {
  const lines = pages
    .filter((name) => /^docs\/(?:operations\/|production\.md|tutorial\.md)/.test(name))
    .flatMap((page) => blocksOf(read(page)).filter(({ info }) => info === 'sh'))
    .flatMap(({ code }) => code.match(/^(?:npx )?gatewright .+$/gm) ?? [])
  assert.ok(lines.length > 5)
  for (const line of lines) {
    const [command = '', ...rest] = line.replace(/^(?:npx )?gatewright /, '').split(/\s+/)
    const { code, out } = await gatewright(t, [command, '--help'], {})
    assert.equal(code, 0, line)
    for (const option of rest.filter((word) => word.startsWith('--')))
      assert.ok(out.includes(option), `${line}: ${option}`)
  }
})

const ROW = /^\| .+ \| \[[^\]]+\]\(([^)]+\.test\.ts)\) \| (.+) \|$/

for (const page of ['docs/operations/failure-modes.md', 'docs/operations/invariants.md'])
  test(`${page} names tests that exist`, () => {
    const rows = read(page)
      .split('\n')
      .filter((line) => line.includes('.test.ts'))
    assert.ok(rows.length > 20)
    for (const row of rows) {
      const [, file = '', name = ''] = ROW.exec(row) ?? assert.fail(`this row cannot be read: ${row}`)
      assert.ok(testNamesOf(read(posix.join('docs/operations', file))).includes(name), `${file}: ${name}`)
    }
  })
