import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Log } from 'sarif'
import { exitCodeOf } from './exit-code.js'
import type { Finding } from './finding.js'
import { formatFindings } from './format.js'

const findings: readonly Finding[] = [
  {
    id: 'tls.verification-off',
    severity: 'error',
    path: 'pools.users.tls.insecureBecause',
    message: 'whoever is on the way reads it',
    fix: 'Verify.',
    position: { file: 'conf/gate way.yaml', line: 7, column: 5 }
  },
  { id: 'retry.never', severity: 'warning', path: 'routes[0].retry', message: 'one\u001b[31m', fix: 'Two.' },
  {
    id: 'retry.never',
    severity: 'warning',
    path: 'routes[1].retry',
    message: 'one',
    fix: 'Two.',
    waivedBy: { id: 'retry.never', reason: 'a pilot', expires: '2027-01-31' }
  },
  { id: 'invariant', severity: 'error', path: '', message: 'all: no route is meant', fix: 'Correct it.' }
]

test('text names the place, the rule and what to do, counts what is waived, and cannot steer a terminal', () => {
  assert.equal(
    formatFindings(findings, 'text'),
    `conf/gate way.yaml:7:5  error  tls.verification-off
  pools.users.tls.insecureBecause: whoever is on the way reads it
  fix: Verify.
warning  retry.never
  routes[0].retry: one\ufffd[31m
  fix: Two.
error  invariant
  all: no route is meant
  fix: Correct it.
2 errors, 1 warning, 1 waived
`
  )
  assert.equal(formatFindings([], 'text'), 'nothing found\n')
})

test('JSON is the findings', () => {
  assert.deepEqual(JSON.parse(formatFindings(findings, 'json')), findings)
})

test('SARIF has a rule for each result, places as URIs, and what is waived as suppressed', () => {
  const log = JSON.parse(formatFindings(findings, 'sarif')) as Log
  assert.equal(log.version, '2.1.0')
  const [run] = log.runs
  const { rules = [] } = run?.tool.driver ?? {}
  const results = run?.results ?? []
  assert.equal(results.length, 4)
  for (const { ruleId, ruleIndex = -1 } of results) assert.equal(rules[ruleIndex]?.id, ruleId)
  assert.deepEqual(results[0]?.locations?.[0]?.physicalLocation, {
    artifactLocation: { uri: 'conf/gate%20way.yaml' },
    region: { startLine: 7, startColumn: 5 }
  })
  assert.deepEqual(
    results.map(({ level, suppressions }) => [level, suppressions?.[0]?.justification]),
    [
      ['error', undefined],
      ['warning', undefined],
      ['warning', 'a pilot'],
      ['error', undefined]
    ]
  )
})

test('the exit code goes by the threshold, and not by what is waived', () => {
  const warnings = findings.filter(({ severity }) => severity === 'warning')
  const waived = warnings.filter(({ waivedBy }) => waivedBy !== undefined)
  assert.deepEqual([exitCodeOf(findings), exitCodeOf(findings, 'never'), exitCodeOf([], 'info')], [1, 0, 0])
  assert.deepEqual(
    [exitCodeOf(warnings), exitCodeOf(warnings, 'warning'), exitCodeOf(warnings, 'info')],
    [0, 1, 1]
  )
  assert.equal(exitCodeOf(waived, 'info'), 0)
})

test('in SARIF, what has no position gets the file that is given: code scanning refuses results without one', () => {
  const finding = { id: 'a.b', severity: 'error', path: '', message: 'm', fix: 'f' } as const
  const locationOf = (file?: string): unknown => {
    const text = formatFindings([finding], 'sarif', file === undefined ? {} : { file })
    return JSON.parse(text).runs[0].results[0].locations[0].physicalLocation
  }
  assert.equal(locationOf(), undefined)
  assert.deepEqual(locationOf('a b/c:d.yaml'), {
    artifactLocation: { uri: 'a%20b/c%3Ad.yaml' },
    region: { startLine: 1, startColumn: 1 }
  })
})
