import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createGateway } from '@gatewright/gateway'
import { fakeUpstream, seededChance } from '@gatewright/testing'
import { type ConfigFormat, formatConfig, type LoadOptions, loadConfig, originsOf } from './index.js'

/** Writes a configuration, reads it again, and gives what was read. */
async function through(
  t: TestContext,
  config: object,
  format: ConfigFormat,
  functions: Readonly<Record<string, unknown>> = {}
): Promise<object> {
  const cwd = mkdtempSync(join(tmpdir(), 'gatewright-format-'))
  t.after(() => rmSync(cwd, { recursive: true, force: true }))
  writeFileSync(join(cwd, `a.${format}`), formatConfig(config, format, { functions }))
  const options: LoadOptions = { cwd, env: {}, functions }
  return (await loadConfig(`a.${format}`, options)).config
}

const FUNCTIONS = { byTenant: () => 'a', sink: { write() {} } }
const TEXTS = [
  '',
  ' ',
  'yes',
  'null',
  '~',
  '0o10',
  '1e3',
  '-',
  '- a',
  'a: b',
  'a #b',
  '# a',
  '<<',
  '*a',
  '&a',
  '!x',
  '%a',
  '@a',
  '`a',
  '{',
  '[a',
  '"',
  "'",
  '\\',
  '\n',
  'a\nb',
  'a\n\n  b\n',
  '\ta',
  'a\r\nb',
  '\r',
  '$',
  '$$',
  `\${`,
  `\${A}`,
  `$\${A}`,
  `$$\${A`,
  `\${A:-\${B}}`,
  `\${ \${B}`,
  `\${function:byTenant}`,
  `\${file:/etc/passwd}`,
  `\${A\n}`,
  `}\${`,
  '\uf8f0\ue000\ue000',
  `\uf8ff\${A}\\uf8fe`,
  '\ufeffa',
  '\ud800',
  `a\udfff\${`,
  '\u0000',
  '\u2028\u0085\u007f',
  '\ufffe',
  '😀',
  '---',
  '...',
  '2026-01-02',
  '__proto__',
  'constructor',
  'a'.repeat(300),
  `${'word '.repeat(40)}\${X}`
]

function randomValue(chance: () => number, depth: number): unknown {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(chance() * values.length)] as T
  const text = (): string => (chance() < 0.7 ? pick(TEXTS) : pick(TEXTS) + pick(TEXTS))
  const kind = chance()
  if (depth === 0 || kind < 0.5)
    return pick([
      text(),
      text(),
      text(),
      0,
      -1,
      1.5,
      1e21,
      2 ** 53,
      true,
      false,
      null,
      ...Object.values(FUNCTIONS)
    ])
  const count = Math.floor(chance() * 5)
  if (kind < 0.7) return Array.from({ length: count }, () => randomValue(chance, depth - 1))
  return Object.fromEntries(Array.from({ length: count }, () => [text(), randomValue(chance, depth - 1)]))
}

for (const format of ['yaml', 'json'] as const)
  test(`whatever is written as ${format} is read as it was`, { timeout: 60_000 }, async (t) => {
    for (let seed = 1; seed <= 200; seed++) {
      const chance = seededChance(seed)
      const config = {
        policies: { a: randomValue(chance, 4), b: randomValue(chance, 3) },
        x: randomValue(chance, 2)
      }
      const read = await through(t, config, format, FUNCTIONS)
      assert.deepEqual(
        read,
        config,
        `seed ${seed}\n${formatConfig(config, format, { functions: FUNCTIONS })}`
      )
    }
  })

test('TypeScript to YAML to TypeScript is the same module', async (t) => {
  const config = { policies: { a: { text: `\${A}`, list: [1, 'x'], of: FUNCTIONS.byTenant } } }
  const first = formatConfig(config, 'ts', { functions: FUNCTIONS })
  const read = await through(t, config, 'yaml', FUNCTIONS)
  assert.equal(formatConfig(read, 'ts', { functions: FUNCTIONS }), first)
  assert.match(first, /^import \{ defineGateway \} from '@gatewright\/config'\nimport \{ byTenant \} from/)
  assert.match(first, /"of": byTenant\n/)
})

test('what cannot be written is a problem with its path, or is left out', () => {
  const around: Record<string, unknown> = {}
  around.self = around
  const config = {
    routes: [
      { path: '/a', handler() {} },
      { path: '/b', at: new Date(0), n: Number.NaN, u: undefined }
    ],
    policies: around
  }
  assert.throws(
    () => formatConfig(config, 'json'),
    ({ problems }: Error & { problems: string[] }) => {
      assert.deepEqual(problems, [
        "routes[0].handler: a function is code: give it a name in 'functions', or leave code out",
        "routes[1].at: an instance of Date is code: give it a name in 'functions', or leave code out",
        'routes[1].n: NaN is no number of JSON',
        'policies.self: it is within itself'
      ])
      return true
    }
  )
  assert.equal(
    formatConfig({ routes: [{ path: '/a', handler() {} }] }, 'yaml', { code: 'omit' }),
    'routes:\n  - path: /a\n'
  )
  assert.throws(() => formatConfig({}, 'toml' as never), /must be 'yaml', 'json' or 'ts'/)
})

test('a function that a file names is called; a name that nobody has is a problem with the nearest one', async (t) => {
  const upstream = await fakeUpstream(t, { body: 'x' })
  const cwd = mkdtempSync(join(tmpdir(), 'gatewright-functions-'))
  t.after(() => rmSync(cwd, { recursive: true }))
  const write = (name: string): void =>
    writeFileSync(
      join(cwd, 'a.yaml'),
      `pools: { app: { endpoints: [${upstream.url}] } }
hooks: { onRequest: \${function:${name}} }
routes: [{ path: /*, pool: app }]
`
    )
  write('stamp')
  const functions = {
    async stamp(request: { exchange: { forwardHeader(name: string, value: string): void } }) {
      request.exchange.forwardHeader('x-stamp', 'by name')
    }
  }
  const { config } = await loadConfig('a.yaml', { cwd, functions })
  const gateway = createGateway({ ...config, logger: false, accessLog: false })
  t.after(() => gateway.close())
  assert.equal((await gateway.inject('/a')).statusCode, 200)
  assert.deepEqual(upstream.requests[0]?.headerAll('x-stamp'), ['by name'])
  write('stmap')
  await assert.rejects(
    loadConfig('a.yaml', { cwd, functions }),
    /a\.yaml:2:\d+ {2}there is no function 'stmap'; did you mean 'stamp'\?/
  )
  await assert.rejects(loadConfig('a.yaml', { cwd }), /there is no function 'stmap': none is registered/)
  writeFileSync(join(cwd, 'a.yaml'), `a: x\${function:stamp}\n`)
  await assert.rejects(loadConfig('a.yaml', { cwd, functions }), /must be the whole value/)
})

test('each value that a route goes by has its file and line', async (t) => {
  const cwd = mkdtempSync(join(tmpdir(), 'gatewright-origins-'))
  t.after(() => rmSync(cwd, { recursive: true }))
  writeFileSync(
    join(cwd, 'a.yaml'),
    `include: b.yaml
maxHeaders: 60
routes:
  - id: one
    path: /1
    use: [first, second]
    timeout: 1s
`
  )
  writeFileSync(
    join(cwd, 'b.yaml'),
    `pools: { app: { endpoints: [http://a] } }
policies:
  first: { pool: app, retry: safe, timeout: 3s }
  second: { retry: idempotent }
`
  )
  const origins = originsOf(await loadConfig('a.yaml', { cwd }), 0)
  assert.deepEqual(
    origins.map(({ path, value, position }) => [path, value, `${position?.file}:${position?.line}`]),
    [
      ['routes[0].id', 'one', 'a.yaml:4'],
      ['routes[0].path', '/1', 'a.yaml:5'],
      ['routes[0].use', ['first', 'second'], 'a.yaml:6'],
      ['routes[0].timeout', '1s', 'a.yaml:7'],
      ['policies.second.retry', 'idempotent', 'b.yaml:4'],
      ['policies.first.pool', 'app', 'b.yaml:3'],
      ['pools.app.endpoints', ['http://a'], 'b.yaml:1'],
      ['maxHeaders', 60, 'a.yaml:2']
    ]
  )
})
