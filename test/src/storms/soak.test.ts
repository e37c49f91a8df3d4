import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const { soak } = await import(new URL('../../soak/soak.mjs', import.meta.url).href)

test('a few seconds of the soak: no wrong answer, everything given back, a chart and a table', async (t) => {
  const output = mkdtempSync(join(tmpdir(), 'gatewright-soak-'))
  t.after(() => rmSync(output, { recursive: true }))
  await soak({ minutes: 0.1, rate: 100, seed: 1, output, faultEveryMs: 2_000, restMs: 0 })

  assert.deepEqual(readdirSync(output).sort(), ['soak.json', 'soak.md', 'soak.svg'])
  const { samples, rest, exitCode } = JSON.parse(readFileSync(join(output, 'soak.json'), 'utf8'))
  const counts = [...samples, rest].flatMap(({ kinds }) => Object.values<Record<string, number>>(kinds))
  const all = (result: string) => counts.reduce((sum, count) => sum + (count[result] ?? 0), 0)
  const examples = [...samples, rest].flatMap((sample) => sample.examples)
  assert.ok(all('ok') > 300, `${all('ok')} requests went well`)
  assert.equal(all('wrong'), 0, examples.join('\n'))
  assert.equal(rest.running, 0)
  assert.equal(exitCode, 0)
})
