import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { lint } from '@gatewright/lint'
import { parse } from 'yaml'
import { blocksOf } from '../support/markdown.js'
import { guides } from '../support/pages.js'
import { configsIn } from '../support/shown-configs.js'
import { compileSnippets, type Snippet } from '../support/snippets.js'
import { read, root } from '../support/workspace.js'

/** What the rules say of pages and programs that show it on purpose. */
const MEANT: readonly string[] = [
  // A route of Fastify leads to it.
  'docs/beside-other-plugins.md pools.unreachable pools.orders',
  // So that a reader sees it open.
  'docs/resilience.md breaker.opens-at-once pools.app.circuitBreaker.minRequests',
  // It is what the example finds.
  'packages/lint/README.md retry.no-budget routes[0].retry.budgetPercent'
]

const TEMPLATES = 'packages/create-gatewright/templates'

const filesIn = (folder: string, end: string): string[] =>
  readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(end) && !/node_modules|\.test\.|\bdist\/.*\.test/.test(file))
    .map((file) => `${folder}/${file}`)

// The rules' page shows what they find.
const blocks = guides
  .filter((page) => page !== 'docs/lint.md')
  .flatMap((page) => blocksOf(read(page)).map((block) => ({ ...block, page })))
const shown: readonly Snippet[] = [
  ...blocks
    .filter(({ info }) => /^ts\b/.test(info))
    .map(({ line, code, page }) => ({ page, code, line: line + 1 })),
  ...filesIn(TEMPLATES, '.ts').map((page) => ({ page, code: read(page), line: 1 }))
]
const project = await compileSnippets(shown)
after(() => project.remove())

test('nothing is found in what documentation, examples and templates show, but what they show on purpose', () => {
  let seen = 0
  const found = new Set<string>()
  const look = (where: string, configs: readonly GatewayServerConfig[]): void => {
    for (const config of configs) {
      // What a program puts in from elsewhere may be missing.
      const findings = withoutShape(() => lint(config))
      seen += findings === null ? 0 : 1
      for (const { id, path } of findings ?? []) found.add(`${where} ${id} ${path}`)
    }
  }
  for (const snippet of shown) look(snippet.page, configsIn(readFileSync(project.programOf(snippet), 'utf8')))
  for (const file of filesIn('examples', '.js')) look(file.replace('/dist', ''), configsIn(read(file)))
  for (const { page, info, code } of blocks)
    if (info === 'yaml') {
      const value = parse(code) as GatewayServerConfig | null
      if (value?.pools !== undefined || value?.routes !== undefined) look(page, [value])
    }
  assert.ok(seen >= 80, `${seen} configurations`)
  assert.deepEqual([...found], MEANT)
})

function withoutShape<T>(work: () => T): T | null {
  try {
    return work()
  } catch (error) {
    if (error instanceof TypeError) return null
    throw error
  }
}
