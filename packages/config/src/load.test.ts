import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createGateway } from '@gatewright/gateway'
import { ConfigFileError, loadConfig, withPositions } from './index.js'

function folder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const cwd = mkdtempSync(join(tmpdir(), 'gatewright-config-'))
  t.after(() => rmSync(cwd, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true })
    writeFileSync(join(cwd, name), text)
  }
  return cwd
}

async function problemsOf(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  env = {}
): Promise<string[]> {
  const cwd = folder(t, files)
  const [first = ''] = Object.keys(files)
  try {
    const loaded = await loadConfig(first, { cwd, env })
    const gateway = createGateway({ ...loaded.config, logger: false, accessLog: false })
    t.after(() => gateway.close())
    await gateway.ready().catch((error) => {
      throw withPositions(error, loaded)
    })
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigFileError, String(error))
    return error.problems.map(({ path, message, position }) => {
      const at = position === undefined ? '' : `${position.file}:${position.line}:${position.column} `
      return `${at}${path}: ${message}`
    })
  }
}

const POOL = 'pools: { app: { endpoints: [http://localhost:3000] } }\n'

test('YAML, JSON and modules say the same', async (t) => {
  const expected = { pools: { app: { endpoints: ['http://localhost:3000'] } } }
  const cwd = folder(t, {
    'a.yaml': POOL,
    'a.json': JSON.stringify({ $schema: 'x', ...expected }),
    'a.mjs': `export default ${JSON.stringify(expected)}`,
    'b.mjs': `export default ({ env }) => ({ pools: { app: { endpoints: [env.URL] } } })`
  })
  for (const name of ['a.yaml', 'a.json', 'a.mjs', 'b.mjs'])
    assert.deepEqual(
      (await loadConfig(name, { cwd, env: { URL: 'http://localhost:3000' } })).config,
      expected,
      name
    )
})

test('YAML is read by version 1.2: what looks like a truth value, an octal number or a date is not one', async (t) => {
  const cwd = folder(t, { 'a.yaml': 'policies: { no: { on: yes, at: 2026-01-02, mode: 0o10, old: 010 } }' })
  const { policies } = (await loadConfig('a.yaml', { cwd })).config as { policies: unknown }
  assert.deepEqual(policies, { no: { on: 'yes', at: '2026-01-02', mode: 8, old: 10 } })
})

test('anchors and merges are followed, in positions too', async (t) => {
  const text = `policies:
  base: &base { retry: idempotent, timeout: 5x }
  more: { <<: *base, preserveHost: true }
`
  assert.deepEqual(await problemsOf(t, { 'a.yaml': text }), [
    "a.yaml:2:36 policies.base.timeout: '5x' must be a duration such as '250ms', '3s' or '5m'",
    "a.yaml:2:36 policies.more.timeout: '5x' must be a duration such as '250ms', '3s' or '5m'"
  ])
})

test('every problem has the line that it stands in', async (t) => {
  const text = `${POOL}routes:
  - path: /a
    pool: ap
  - path: /b
    pool: app
    retri: idempotent
listn: 5
`
  assert.deepEqual(await problemsOf(t, { 'a.yaml': text }), [
    "a.yaml:7:5 routes[1]: unknown key 'retri'; did you mean 'retry'?",
    "a.yaml:8:1 : the configuration: unknown key 'listn'; did you mean 'listen'?",
    "a.yaml:4:5 routes[0].pool: there is no pool 'ap'; did you mean 'app'?"
  ])
})

test('the message shows the line, and a caret below the column', async (t) => {
  const cwd = folder(t, { 'a.yaml': `${POOL}routes: [{ path: /a, pol: app }]\n` })
  const loaded = await loadConfig('a.yaml', { cwd })
  const gateway = createGateway({ ...loaded.config, logger: false })
  t.after(() => gateway.close())
  const error = withPositions(await gateway.ready().catch((thrown) => thrown), loaded) as Error
  assert.match(
    error.message,
    /^a\.yaml:2:22 {2}routes\[0\]: unknown key 'pol'; did you mean 'pool'\?\n {2}2 \| routes: \[\{ path: \/a, pol: app \}\]\n {4}\| {22}\^$/m
  )
})

const UNREADABLE: readonly [what: string, name: string, text: string, expected: RegExp][] = [
  ['a key that stands twice', 'a.yaml', 'pools: {}\npools: {}\n', /^a\.yaml:2:1 : Map keys must be unique/],
  ['text that never ends', 'a.yaml', 'pools: "x\n', /^a\.yaml:\d+:\d+ : Missing closing "quote/],
  ['a list at the top', 'a.yaml', '- 1\n', /^a\.yaml:1:1 : a configuration must be a map of keys/],
  ['two documents', 'a.yaml', 'pools: {}\n---\nroutes: []\n', /^a\.yaml:2:1 : a file is one document/],
  ['tabs for indentation', 'a.yaml', 'pools:\n\tapp: {}\n', /^a\.yaml:2:\d : Tabs are not allowed/],
  ['a tag nobody knows', 'a.yaml', 'pools: !js/function x\n', /^a\.yaml:1:8 : Unresolved tag/],
  ['an alias of nothing', 'a.yaml', 'pools: *x\n', /^a\.yaml:1:\d+ : Unresolved alias/],
  ['a comma too many in JSON', 'a.json', '{ "pools": {}, }', /^a\.json:1:\d+ : this is no JSON/],
  ['YAML that is called JSON', 'a.json', 'pools: {}', /^a\.json:1:1 : this is no JSON/],
  ['an ending nobody knows', 'a.toml', '', /^: 'a\.toml' must end with one of \.yaml, /],
  ['a module that throws', 'a.mjs', "throw new Error('no')", /^a\.mjs:1:1 : the module cannot be loaded: no/],
  ['a module without a default', 'a.mjs', 'export const x = 1', /the default export must be a configuration/]
]
for (const [what, name, text, expected] of UNREADABLE)
  test(`${what} is a problem with its place`, async (t) => {
    const problems = await problemsOf(t, { [name]: text })
    assert.equal(problems.length > 0, true)
    assert.match(problems[0] as string, expected)
  })

test('an unfolding that never ends is refused', async (t) => {
  const levels = Array.from(
    { length: 12 },
    (_, i) => `  l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join()}]`
  )
  const [problem = ''] = await problemsOf(t, { 'a.yaml': `policies:\n  l0: &l0 [x]\n${levels.join('\n')}\n` })
  assert.match(problem, /its aliases unfold it to more than 1000000 values/)
})

test('an empty file and one with a byte order mark are configurations', async (t) => {
  const cwd = folder(t, { 'a.yaml': '', 'b.yaml': `\ufeff${POOL}` })
  assert.deepEqual((await loadConfig('a.yaml', { cwd })).config, {})
  assert.deepEqual(Object.keys((await loadConfig('b.yaml', { cwd })).config.pools ?? {}), ['app'])
})

test('references to the environment and to files are replaced', async (t) => {
  const cwd = folder(t, { secret: 'top secret\n' })
  writeFileSync(
    join(cwd, 'a.yaml'),
    `listen: { port: "\${PORT}", host: 127.0.0.\${LAST:-1} }
policies:
  a: { bodyLimit: \${LIMIT:-1MiB}, text: "\${PORT}", twice: \${PORT}\${PORT}, kept: $\${PORT}, "\${PORT}": 1, key: "\${file:${join(cwd, 'secret')}}" }
server:
  pipelining: \${PORT}
  maxHeaderSize: \${EMPTY:-8KiB}
`
  )
  const { config } = await loadConfig('a.yaml', { cwd, env: { PORT: '7', EMPTY: '' } })
  assert.deepEqual(config as object, {
    listen: { port: '7', host: '127.0.0.1' },
    policies: {
      a: { bodyLimit: '1MiB', text: '7', twice: '77', kept: `\${PORT}`, '${PORT}': 1, key: 'top secret' }
    },
    server: { pipelining: 7, maxHeaderSize: '8KiB' }
  })
})

test('a reference that leads nowhere is a problem, and so is one that is none', async (t) => {
  const text = `policies:\n  a: \${NOWHERE}\n  b: \${file:/nowhere/at/all}\n  c: \${not a name}\n`
  assert.deepEqual(await problemsOf(t, { 'a.yaml': text }), [
    `a.yaml:2:6 : the environment variable NOWHERE is not set; \${NOWHERE:-default} has a default`,
    'a.yaml:3:6 : the file /nowhere/at/all cannot be read: ENOENT',
    `a.yaml:4:6 : '\${not a name}' must be \${NAME}, \${NAME:-default}, \${file:PATH} or \${function:NAME}; $\${ stands for \${ itself`
  ])
})

test('secrets are not shown in problems', async (t) => {
  const text = `${POOL}routes:\n  - { path: /a, pool: "\${APP_TOKEN}" }\n  - { path: /b, pool: "\${NAME}" }\n`
  const problems = await problemsOf(t, { 'a.yaml': text }, { APP_TOKEN: 'hunter22', NAME: 'visible' })
  assert.deepEqual(problems, [
    "a.yaml:3:17 routes[0].pool: there is no pool '***'; valid: 'app'",
    "a.yaml:4:17 routes[1].pool: there is no pool 'visible'; valid: 'app'"
  ])
})

test('files go on with others: pools by name, routes in order, each with its own lines', async (t) => {
  const cwd = folder(t, {
    'gateway.yaml': `include: [routes.d, more/pools.json]\n${POOL}routes: [{ path: /first, pool: app }]\n`,
    'routes.d/20-b.yaml': 'routes:\n  - path: /third\n    pool: othr\n',
    'routes.d/10-a.yml': 'routes: [{ path: /second, pool: app }]\n',
    'routes.d/.hidden.yaml': 'nonsense: [',
    'routes.d/notes.txt': 'not data',
    'more/pools.json':
      '{ "pools": { "other": { "endpoints": ["http://localhost:1"] } }, "include": "../gateway.yaml" }'
  })
  const loaded = await loadConfig('gateway.yaml', { cwd })
  assert.deepEqual(
    loaded.config.routes?.map(({ path }) => path),
    ['/first', '/second', '/third']
  )
  assert.deepEqual(Object.keys(loaded.config.pools ?? {}), ['app', 'other'])
  assert.deepEqual(loaded.locate('routes[2].pool'), {
    file: join('routes.d', '20-b.yaml'),
    line: 3,
    column: 5
  })
  assert.deepEqual(loaded.locate('pools.other.endpoints[0]')?.file, join('more', 'pools.json'))
  assert.equal('include' in loaded.config, false)
})

test('what stands in two files is a problem that names both', async (t) => {
  const cwd = folder(t, {
    'a.yaml': `include: b.yaml\n${POOL}metrics: true\n`,
    'b.yaml': `${POOL}metrics: false\n`
  })
  const error = await loadConfig('a.yaml', { cwd }).catch((thrown) => thrown)
  assert.deepEqual(
    error.problems.map(({ path, message, position }: never) => [path, message, position]),
    [
      ['pools.app', 'stands in a.yaml:2 too', { file: 'b.yaml', line: 1, column: 10 }],
      ['metrics', 'stands in a.yaml:3 too', { file: 'b.yaml', line: 2, column: 1 }]
    ]
  )
})

test('a file that is not there is said so where it is included', async (t) => {
  assert.deepEqual(await problemsOf(t, { 'a.yaml': 'include:\n  - gone.yaml\n' }), [
    'a.yaml:2:5 : there is no file gone.yaml'
  ])
})

test('names that objects inherit are keys as others', async (t) => {
  const cwd = folder(t, {
    'a.yaml': 'pools: { __proto__: { polluted: true } }\n__proto__: { polluted: true }\n'
  })
  const { config } = await loadConfig('a.yaml', { cwd })
  assert.equal((config as { polluted?: unknown }).polluted, undefined)
  assert.equal(({} as { polluted?: unknown }).polluted, undefined)
  assert.ok(Object.hasOwn(config, '__proto__'))
})

test('what was read can be read again, whatever the files are by then', async (t) => {
  const cwd = mkdtempSync(join(tmpdir(), 'gatewright-record-'))
  t.after(() => rmSync(cwd, { recursive: true }))
  mkdirSync(join(cwd, 'more'))
  writeFileSync(join(cwd, 'secret'), 'hush\n')
  const main = `include: more\npolicies: { a: { note: "\${file:${join(cwd, 'secret')}}" } }\n`
  writeFileSync(join(cwd, 'gateway.yaml'), main)
  writeFileSync(join(cwd, 'more', 'b.yaml'), 'policies: { b: {} }\n')
  const first = await loadConfig('gateway.yaml', { cwd })
  rmSync(join(cwd, 'more'), { recursive: true })
  rmSync(join(cwd, 'secret'))
  writeFileSync(join(cwd, 'gateway.yaml'), 'policies: [')
  const replay = JSON.parse(JSON.stringify(first.record)) as typeof first.record
  const again = await loadConfig('gateway.yaml', { cwd, replay })
  assert.deepEqual(again.config, first.config)
  assert.deepEqual(again.locate('policies.b'), first.locate('policies.b'))
})

test('a module that has changed since it was recorded is refused', async (t) => {
  const cwd = mkdtempSync(join(tmpdir(), 'gatewright-record-'))
  t.after(() => rmSync(cwd, { recursive: true }))
  const file = join(cwd, 'gateway.mjs')
  writeFileSync(file, 'export default { policies: { a: {} } }\n')
  const { record } = await loadConfig('gateway.mjs', { cwd })
  await loadConfig('gateway.mjs', { cwd, replay: record })
  writeFileSync(file, 'export default { policies: { b: {} } }\n')
  await assert.rejects(
    loadConfig('gateway.mjs', { cwd, replay: record }),
    /a module has changed since the configuration was read/
  )
})
