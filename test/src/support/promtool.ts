import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

/** Runs promtool with what it reads from standard input; rejects with what it says. */
export function promtool(command: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, (error, stdout, stderr) => {
      if (error === null) resolve(stdout + stderr)
      else reject(new Error(stdout + stderr))
    })
    child.stdin?.end(input)
  })
}

/** A series of a test of rules, with its values by promtool's notation. */
export interface InputSeries {
  readonly series: string
  readonly values: string
}

/** A test of rules: series, and what expressions say of them. */
export interface RuleTest {
  readonly name: string
  readonly interval: string
  readonly input_series: readonly InputSeries[]
  readonly promql_expr_test: readonly {
    readonly expr: string
    readonly eval_time: string
    readonly exp_samples: readonly { readonly labels: string; readonly value: number }[]
  }[]
}

/** Has promtool check these rules and run tests of them. */
export async function testRules(
  t: TestContext,
  command: string,
  rules: string,
  tests: readonly RuleTest[]
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'gatewright-rules-'))
  t.after(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'rules.yml'), rules)
  assert.match(await promtool(command, ['check', 'rules', join(folder, 'rules.yml')]), /SUCCESS/)
  const all = { rule_files: ['rules.yml'], evaluation_interval: '1m', tests }
  await writeFile(join(folder, 'test.yml'), JSON.stringify(all))
  assert.match(await promtool(command, ['test', 'rules', join(folder, 'test.yml')]), /SUCCESS/)
}

/** Which alerts fire at a time, one that fires for several by its name as often: an expectation of a {@link RuleTest}. */
export function firing(at: string, ...alerts: readonly string[]): RuleTest['promql_expr_test'][number] {
  const counts = new Map<string, number>()
  for (const name of alerts.toSorted()) counts.set(name, (counts.get(name) ?? 0) + 1)
  return {
    expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
    eval_time: at,
    exp_samples: [...counts].map(([name, value]) => ({ labels: `{alertname="${name}"}`, value }))
  }
}
