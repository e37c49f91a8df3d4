import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gatewright } from '../support/command-line.js'

const CLEAN = `pools:
  app: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { id: users, path: /users/*, pool: app }
`
const RISKY = `${CLEAN}  - id: orders
    path: /orders/*
    pool: app
    retry: { budgetPercent: 100 }
`
const WARNING = `${CLEAN.replace('routes:', '  old: { endpoints: [http://10.0.0.9:3000] }\nroutes:')}`

test('check says nothing of a configuration in which nothing is found, but that it is right', async (t) => {
  const { code, out } = await gatewright(t, ['check'], { 'gateway.yaml': CLEAN })
  assert.deepEqual([code, out], [0, 'gateway.yaml: ok (1 routes, 1 pools)\n'])
})

test('check shows what is risky with its file, line and column, what to do, and exits with 1 for an error', async (t) => {
  const { code, out } = await gatewright(t, ['check'], { 'gateway.yaml': RISKY })
  assert.equal(code, 1)
  assert.match(
    out,
    /^gateway\.yaml:8:14 {2}error {2}retry\.no-budget\n {2}routes\[1\]\.retry\.budgetPercent: .+\n {2}fix: .+\n1 error\n$/
  )
})

test('the exit code of check goes by the severity of --fail-on', async (t) => {
  const codes = async (text: string): Promise<readonly number[]> => {
    const all: number[] = []
    for (const severity of ['never', 'error', 'warning', 'info'])
      all.push((await gatewright(t, ['check', '--fail-on', severity], { 'gateway.yaml': text })).code)
    return all
  }
  assert.deepEqual(await codes(CLEAN), [0, 0, 0, 0])
  assert.deepEqual(await codes(WARNING), [0, 0, 1, 1])
  assert.deepEqual(await codes(RISKY), [0, 1, 1, 1])
})

test('check names the file of a finding where a configuration is in several', async (t) => {
  const files = {
    'gateway.yaml': `include: [routes.d]\n${CLEAN.slice(0, CLEAN.indexOf('routes:'))}`,
    'routes.d/orders.yaml':
      'routes:\n  - { id: orders, path: /orders/*, pool: app, retry: { budgetPercent: 100 } }\n'
  }
  const { out } = await gatewright(t, ['check'], files)
  assert.match(out, /^routes\.d\/orders\.yaml:2:56 {2}error {2}retry\.no-budget/)
})

test('a waiver in the file takes a finding out of the exit code, and is counted', async (t) => {
  const waiver = '{ id: retry.no-budget, path: routes.orders, reason: a pilot, expires: 2999-01-01 }'
  const { code, out } = await gatewright(t, ['check'], {
    'gateway.yaml': `lint: { waivers: [${waiver}] }\n${RISKY}`
  })
  assert.equal(code, 0)
  assert.match(out, /waiver\.too-long/)
  assert.match(out, /1 warning, 1 waived\ngateway\.yaml: ok/)
})

test('check finds a key of lint.rules that is no rule, with its place and what was meant', async (t) => {
  const { code, out } = await gatewright(t, ['check'], {
    'gateway.yaml': `lint:\n  rules:\n    retry.no-budgt: off\n${CLEAN}`
  })
  assert.equal(code, 1)
  assert.match(out, /^gateway\.yaml:3:5 {2}error {2}lint\.unknown-rule\n.*did you mean 'retry\.no-budget'/)
})

test('check prints JSON with problems and findings', async (t) => {
  const { code, out } = await gatewright(t, ['check', '--json'], { 'gateway.yaml': RISKY })
  const { ok, problems, findings } = JSON.parse(out)
  assert.deepEqual([code, ok, problems], [1, false, []])
  assert.deepEqual(findings[0].position, { file: 'gateway.yaml', line: 8, column: 14 })
  const wrong = await gatewright(t, ['check', '--format', 'json'], { 'gateway.yaml': `${CLEAN}x: 1\n` })
  assert.deepEqual(Object.keys(JSON.parse(wrong.out)), ['ok', 'problems', 'findings'])
})

test('check prints SARIF, of a configuration that is refused too', async (t) => {
  for (const [text, id, line] of [
    [RISKY, 'retry.no-budget', 8],
    [`${CLEAN}roads: []\n`, 'configuration-invalid', 5]
  ] as const) {
    const { code, out } = await gatewright(t, ['check', '--format', 'sarif'], { 'gateway.yaml': text })
    const [run] = JSON.parse(out).runs
    assert.equal(code, 1)
    assert.equal(run.results.length, 1)
    assert.equal(run.results[0].ruleId, id)
    assert.equal(run.tool.driver.rules[run.results[0].ruleIndex].id, id)
    const { artifactLocation, region } = run.results[0].locations[0].physicalLocation
    assert.deepEqual([artifactLocation.uri, region.startLine], ['gateway.yaml', line])
  }
})

const GUARD = `lint:
  invariants:
    - { name: orders are limited, where: { path: /orders/* }, require: { rateLimit: true } }
`

test('check holds the invariants of the configuration, with the line of the route that breaks one', async (t) => {
  const { code, out } = await gatewright(t, ['check'], {
    'gateway.yaml': GUARD + RISKY.replace('retry: { budgetPercent: 100 }', 'auth: false')
  })
  assert.equal(code, 1)
  assert.match(
    out,
    /^gateway\.yaml:8:5 {2}error {2}invariant\n.*orders are limited: route 'orders' has no rate limit/
  )
  const held = await gatewright(t, ['check'], {
    'gateway.yaml':
      GUARD + RISKY.replace('retry: { budgetPercent: 100 }', 'rateLimit: { requestsPerSecond: 10 }')
  })
  assert.equal(held.code, 0, held.out)
})

test('an invariant that no route is meant by is shown where it stands', async (t) => {
  const { code, out } = await gatewright(t, ['check'], { 'gateway.yaml': GUARD + CLEAN })
  assert.equal(code, 1)
  assert.match(
    out,
    /^gateway\.yaml:3:7 {2}error {2}invariant\n {2}lint\.invariants\[0\]: orders are limited: no route/
  )
})

test('a file that is not there has a place in SARIF too, and an empty one is a gateway without routes', async (t) => {
  const { code, out } = await gatewright(t, ['check', 'gone.yaml', '--format', 'sarif'], {})
  assert.equal(code, 1)
  const [{ locations }] = JSON.parse(out).runs[0].results
  assert.equal(locations[0].physicalLocation.artifactLocation.uri, 'gone.yaml')
  const empty = await gatewright(t, ['check'], { 'gateway.yaml': '# nothing\n' })
  assert.deepEqual([empty.code, empty.out], [0, 'gateway.yaml: ok (0 routes, 0 pools)\n'])
})

test('check holds the invariants of a module, which may be code', async (t) => {
  const module = `export default [{
    name: 'paths have a version',
    check: ({ config }) => config.path.startsWith('/v') || 'has none'
  }]`
  const files = { 'gateway.yaml': CLEAN, 'invariants.mjs': module }
  const { code, out } = await gatewright(t, ['check', '--invariants', 'invariants.mjs'], files)
  assert.equal(code, 1)
  assert.match(
    out,
    /^gateway\.yaml:4:5 {2}error {2}invariant\n.*paths have a version: route 'users' has none/
  )
})

test('invariants that cannot be read guard nothing, and exit with 2', async (t) => {
  for (const [module, expected] of [
    ['export default {}', /its default export must be a list/],
    ['export default [{ name: "a", require: { auht: true } }]', /auht.*did you mean 'auth'/],
    ['export default [', /invariants\.mjs cannot be loaded/]
  ] as const) {
    const files = { 'gateway.yaml': CLEAN, 'invariants.mjs': module }
    const { code, err } = await gatewright(t, ['check', '--invariants', 'invariants.mjs'], files)
    assert.equal(code, 2)
    assert.match(err, expected)
  }
})

/** A reference to the environment, as files have it. */
const reference = (name: string): string => `\${${name}}`

test('findings show no secret that came from a file or the environment', async (t) => {
  const text = WARNING.replace('10.0.0.9', reference('OLD_TOKEN'))
  const secret = 'hunter2hunter2'
  const invariants = `export default [{ name: 'one', check: ({ pool }) => pool.endpoints[0].url }]`
  const files = {
    'gateway.yaml': text.replace('http://10.0.0.1:3000', `http://${reference('OLD_TOKEN')}.test`),
    'invariants.mjs': invariants
  }
  const argv = ['check', '--invariants', 'invariants.mjs']
  for (const format of ['text', 'json', 'sarif']) {
    const { out } = await gatewright(t, [...argv, '--format', format], files, { OLD_TOKEN: secret })
    assert.match(out, /http:\/\/\*\*\*\.test/)
    assert.doesNotMatch(out, /hunter2/)
  }
})

const MISTAKES: readonly [argv: readonly string[], expected: RegExp][] = [
  [['check', '--fail-on', 'warn'], /--fail-on: there is no 'warn'; did you mean 'warning'\?/],
  [['check', '--format', 'xml'], /--format: there is no 'xml'; valid: 'text', 'json', 'sarif'/],
  [['check', '--json', '--format', 'sarif'], /--json and --format sarif: one of them/],
  [['diff', 'a.yaml'], /an argument is missing: gatewright diff BEFORE AFTER/],
  [['diff', 'a.yaml', 'b.yaml', '--fail-on', 'auth-gone'], /--fail-on: there is no risk 'auth-gone'/],
  [['replay', 'access.log', '--new', 'b.yaml'], /--old is missing/]
]
for (const [argv, expected] of MISTAKES)
  test(`gatewright ${argv.join(' ')} says what is wrong, and exits with 2`, async (t) => {
    const { code, out, err } = await gatewright(t, argv, { 'gateway.yaml': CLEAN })
    assert.deepEqual([code, out], [2, ''])
    assert.match(err, expected)
  })

test('check --production finds what is not enough in production, and by default fails for warnings too', async (t) => {
  const usual = await gatewright(t, ['check'], { 'gateway.yaml': CLEAN })
  assert.equal(usual.code, 0, usual.out)
  const { code, out } = await gatewright(t, ['check', '--production'], { 'gateway.yaml': CLEAN })
  assert.equal(code, 1)
  assert.match(out, /^gateway\.yaml:1:1 {2}error {2}production\.no-probes\n {2}probes: .+\n {2}fix: .+$/m)
  assert.match(out, /^gateway\.yaml:4:5 {2}warning {2}production\.no-total-timeout\n/m)
  const lax = await gatewright(t, ['check', '--production', '--fail-on', 'never'], { 'gateway.yaml': CLEAN })
  assert.equal(lax.code, 0)
})

test('what was decided for production is waived in the file, and a check without it says nothing of the waiver', async (t) => {
  const waivers = ['no-probes', 'no-metrics', 'auth-undecided']
    .map((name) => `{ id: production.${name}, reason: a trial, expires: ${inDays(90)} }`)
    .join(', ')
  const files = { 'gateway.yaml': `lint: { waivers: [${waivers}] }\n${CLEAN}` }
  const { code, out } = await gatewright(t, ['check', '--production', '--fail-on', 'error'], files)
  assert.equal(code, 0, out)
  assert.match(out, /, 3 waived$/m)
  const usual = await gatewright(t, ['check', '--fail-on', 'info'], files)
  assert.deepEqual([usual.code, usual.out], [0, 'gateway.yaml: ok (1 routes, 1 pools)\n'])
})

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
}
