import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gatewright } from '../support/command-line.js'

const BEFORE = `authentication: { schemes: { clients: { type: mtls } } }
policies:
  slow: { timeouts: { total: 20s } }
pools:
  app: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { id: admin, path: /admin/*, pool: app, auth: clients, use: [slow] }
  - { id: all, path: /*, pool: app, auth: false }
`
const AFTER = BEFORE.replace(', auth: clients', ', auth: false')
  .replace('20s', '25s')
  .replace(/ {2}- \{ id: all.*\n/, '')
const files = { 'before.yaml': BEFORE, 'after.yaml': AFTER }

test('diff says what a change means, the riskiest first, with file and line of what is new or gone', async (t) => {
  const { code, out } = await gatewright(t, ['diff', 'before.yaml', 'after.yaml'], files)
  assert.equal(code, 0)
  assert.equal(
    out,
    `auth-removed       route 'admin': auth: clients → false  after.yaml:7:45
removed            route 'all' is gone  before.yaml:8:5
timeout-changed    route 'admin': timeouts.total: 20s → 25s  (by policies.slow.timeouts.total)  after.yaml:3:23
`
  )
})

test('what is only written in another way is no change', async (t) => {
  const other = `pools: { app: { endpoints: ['HTTP://10.0.0.1:3000/'], balancing: p2c } }
policies: { slow: { timeout: 20000ms } }
routes:
  - { id: all, auth: false, pool: app, path: /* }
  - { id: admin, path: /admin/*, use: [slow], pool: app, auth: { any: [clients] } }
authentication: { schemes: { clients: { type: mtls } } }
`
  const { code, out } = await gatewright(t, ['diff', 'before.yaml', 'other.yaml', '--fail-on', 'any'], {
    ...files,
    'other.yaml': other
  })
  assert.deepEqual([code, out], [0, 'no change\n'])
})

const EXITS: readonly [failOn: readonly string[], code: number][] = [
  [[], 0],
  [['any'], 1],
  [['risky'], 1],
  [['auth-removed'], 1],
  [['auth-weakened', 'removed'], 1],
  [['auth-weakened,removed'], 1],
  [['auth-weakened', 'added'], 0]
]
for (const [failOn, expected] of EXITS)
  test(`diff exits with ${expected} when it is to fail on ${failOn.join(' and ') || 'nothing'}`, async (t) => {
    const flags = failOn.flatMap((risk) => ['--fail-on', risk])
    const { code } = await gatewright(t, ['diff', 'before.yaml', 'after.yaml', ...flags], files)
    assert.equal(code, expected)
  })

test('diff fails on nothing where nothing has changed', async (t) => {
  const { code } = await gatewright(t, ['diff', 'before.yaml', 'before.yaml', '--fail-on', 'any'], files)
  assert.equal(code, 0)
})

test('diff prints JSON, and a table for a review', async (t) => {
  const json = await gatewright(t, ['diff', 'before.yaml', 'after.yaml', '--json'], files)
  assert.deepEqual(
    JSON.parse(json.out).map(({ kind, risk, path, route, position }: never) => [
      kind,
      risk,
      path,
      route,
      position
    ])[0],
    ['changed', 'auth-removed', 'routes[0].auth', 'admin', { file: 'after.yaml', line: 7, column: 45 }]
  )
  const markdown = await gatewright(t, ['diff', 'before.yaml', 'after.yaml', '--format', 'markdown'], files)
  assert.match(markdown.out, /^\| risk \| change \| by \|\n\| --- \| --- \| --- \|\n\| auth-removed \| /)
})

test('a configuration that is refused is not compared: its problems are told, and 2', async (t) => {
  const wrong = { ...files, 'after.yaml': `${AFTER}x: 1\n` }
  const { code, out, err } = await gatewright(t, ['diff', 'before.yaml', 'after.yaml'], wrong)
  assert.deepEqual([code, out], [2, ''])
  assert.match(err, /^after\.yaml:8:1 {2}the configuration: unknown key 'x'/)
})

test('diff shows no secret of files and of the environment, where no key says that it is one either', async (t) => {
  const text = (name: string): string => `pools: { app: { endpoints: ['http://\${${name}}.test:3000'] } }
routes: [{ path: /*, pool: app }]
`
  const { out } = await gatewright(
    t,
    ['diff', 'a.yaml', 'b.yaml'],
    { 'a.yaml': text('OLD_TOKEN'), 'b.yaml': text('NEW_TOKEN') },
    { OLD_TOKEN: 'first-secret', NEW_TOKEN: 'second-secret' }
  )
  assert.match(out, /upstream-changed/)
  assert.doesNotMatch(out, /first-secret|second-secret/)
})

test('a secret that is a word of the output does not hide what a change is', async (t) => {
  const argv = ['diff', 'before.yaml', 'after.yaml', '--json']
  const hidden = { ...files, 'after.yaml': AFTER.replace('/admin/*', `/${'$'}{ODD_TOKEN}/*`) }
  const { out } = await gatewright(t, argv, hidden, { ODD_TOKEN: 'removed' })
  const kinds = JSON.parse(out).map(({ kind, risk }: never) => `${kind} ${risk}`)
  assert.ok(kinds.includes('removed removed'), kinds.join())
})
