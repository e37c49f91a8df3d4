import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ConfigFileError, type LoadOptions, loadConfig, withPositions } from './index.js'

type Files = Readonly<Record<string, string | Buffer>>

function folder(t: TestContext, files: Files): string {
  const cwd = mkdtempSync(join(tmpdir(), 'gatewright-faults-'))
  t.after(() => rmSync(cwd, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true })
    writeFileSync(join(cwd, name), text)
  }
  return cwd
}

/** The problems of the first of the files, each with its place. */
async function problemsIn(t: TestContext, files: Files, options: LoadOptions = {}): Promise<string[]> {
  return await problemsOf(Object.keys(files)[0] as string, { env: {}, cwd: folder(t, files), ...options })
}

async function problemsOf(file: string, options: LoadOptions): Promise<string[]> {
  const error = await loadConfig(file, options).catch((thrown) => thrown)
  assert.ok(error instanceof ConfigFileError, String(error))
  return error.problems.map(({ path, message, position }) =>
    [position && `${position.line}:${position.column}`, path, message].filter(Boolean).join(' ')
  )
}

const bounded = { timeout: 20_000 }
const isWindows = process.platform === 'win32'

test('a pipe, a device and a folder are no values, and are not waited for', bounded, async (t) => {
  if (isWindows) return
  const cwd = folder(t, {
    'a.yaml': `a: \${file:pipe}\nb: \${file:/dev/zero}\nc: \${file:folder}\nd: \${file:loop}\n`,
    'folder/x': ''
  })
  execFileSync('mkfifo', [join(cwd, 'pipe')])
  symlinkSync('loop', join(cwd, 'loop'))
  assert.deepEqual(await problemsOf('a.yaml', { cwd }), [
    '1:4 the file pipe is no regular file',
    '2:4 the file /dev/zero is no regular file',
    '3:4 the file folder cannot be read: EISDIR',
    '4:4 the file loop cannot be read: ELOOP'
  ])
})

test('a pipe is no configuration, included or not', bounded, async (t) => {
  if (isWindows) return
  const cwd = folder(t, { 'a.yaml': 'include: [pipe.yaml, pipe.mjs]' })
  execFileSync('mkfifo', [join(cwd, 'pipe.yaml'), join(cwd, 'pipe.mjs')])
  assert.deepEqual(await problemsOf('a.yaml', { cwd }), [
    '1:11 pipe.yaml is no regular file',
    '1:22 pipe.mjs is no regular file'
  ])
  assert.deepEqual(await problemsOf('pipe.yaml', { cwd }), ['pipe.yaml is no regular file'])
})

test('a file may have 16 MiB, and one that a value names 1 MiB', bounded, async (t) => {
  const cwd = folder(t, { 'a.yaml': `a: \${file:b}\n`, b: '', 'c.yaml': '' })
  truncateSync(join(cwd, 'b'), 1024 * 1024 + 1)
  truncateSync(join(cwd, 'c.yaml'), 16 * 1024 * 1024 + 1)
  assert.deepEqual(await problemsOf('a.yaml', { cwd }), ['1:4 the file b is larger than 1 MiB'])
  assert.deepEqual(await problemsOf('c.yaml', { cwd }), ['c.yaml is larger than 16 MiB'])
})

test('a path in a value is relative to the file that it stands in, as an included one is', async (t) => {
  const cwd = folder(t, {
    'a.yaml': 'include: sub/b.yaml',
    'sub/b.yaml': `policies: { a: { x: "\${file:key}", y: "\${file:../key}" } }`,
    'sub/key': 'inner',
    key: 'outer'
  })
  const { config } = await loadConfig('a.yaml', { cwd })
  assert.deepEqual(config as object, { policies: { a: { x: 'inner', y: 'outer' } } })
})

test('references may stand within each other, and only those that are used have to lead somewhere', async (t) => {
  const cwd = folder(t, {
    'a.yaml': `port: \${PORT:-\${FALLBACK:-8080}}
nested: "\${A:-x\${B:-y}z}"
unused: \${SET:-\${NOWHERE}}
file: \${file:\${DIR:-keys}/one}
escaped: "\${A:-$\${B}}"
braces: "\${A:-{x}}"
`,
    'keys/one': '1\n'
  })
  const { config } = await loadConfig('a.yaml', { cwd, env: { SET: 'set' } })
  assert.deepEqual(config as object, {
    port: 8080,
    nested: 'xyz',
    unused: 'set',
    file: '1',
    escaped: `\${B}`,
    braces: '{x}'
  })
})

test('a reference without an end, or too deep, is a problem where it stands', async (t) => {
  const deep = `${'${A:-'.repeat(12)}x${'}'.repeat(12)}`
  assert.deepEqual(await problemsIn(t, { 'a.yaml': `a: "\${B"\nb: \${B:-\nc: 1\nd: "${deep}"\n` }), [
    `1:4 '\${' has no '}' behind it in its line; $\${ stands for \${ itself`,
    `2:4 '\${' has no '}' behind it in its line; $\${ stands for \${ itself`,
    '4:4 references stand more than 8 deep within each other'
  ])
})

test('in quotes, a default is read as the rest of the text is', async (t) => {
  const cwd = folder(t, {
    'a.yaml': `a: "\${X:-\\"q\\"\\t}"\nb: '\${X:-it''s}'\nc: "\\u0024{X:-y}"\n`,
    'a.json': JSON.stringify({ a: `\${X:-"q"\t}`, b: `\${X:-it's}`, c: `\${X:-y}` })
  })
  const expected = { a: '"q"\t', b: "it's", c: 'y' }
  assert.deepEqual((await loadConfig('a.json', { cwd, env: {} })).config as object, expected)
  assert.deepEqual((await loadConfig('a.yaml', { cwd, env: {} })).config as object, expected)
})

test('characters in private use are characters, beside references and escaped too', async (t) => {
  const text = 'x\uf8f0\ue000\ue000y\uf8ff\uf8fe'
  const cwd = folder(t, { 'a.yaml': `a: "${text}"\nb: \${X:-z}\nc: "\\uf8fd\\ue000\\ue000"\n` })
  assert.deepEqual((await loadConfig('a.yaml', { cwd, env: {} })).config as object, {
    a: text,
    b: 'z',
    c: '\uf8fd\ue000\ue000'
  })
})

const ODD: readonly [what: string, text: string, expected: string][] = [
  ['an anchor that is within itself', 'a: 1\nb: &b [1, *b]\n', "2:11 '&b' would be within itself"],
  ['one that merges itself', 'pools: &a\n  <<: *a\n', "2:7 '&a' would be within itself"],
  ['a key that is a list', '? [a, b]\n: 1\n', '1:3 a key must be a text'],
  ['a key that is nothing', 'a: 1\n~: 2\n', '2:1 a key must be a text'],
  ['a key that is an alias', 'a: &x b\n*x : 2\n', '2:1 a key must be a text'],
  ['a key that is another number', '0o10: 2\n', '1:1 the key 0o10 must be in quotes: it would be 8'],
  ['a key that stands twice as a number and a text', '1: a\n"1": b\n', "2:1 the key '1' stands twice"],
  ['a tag of bytes', 'a: !!binary aGVsbG8=\n', '1:13 the tag !!binary has no meaning in a configuration'],
  [
    'another version of YAML',
    '%YAML 1.1\n---\na: yes\n',
    "1:1 it is read as YAML 1.2: leave out '%YAML 1.1'"
  ],
  [
    'lists in lists',
    `a: ${'['.repeat(300)}${']'.repeat(300)}\n`,
    '1:204 maps and lists stand more than 200 deep within each other'
  ],
  [
    'very many lists in lists',
    `a: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`,
    'maps and lists stand more than 200 deep within each other'
  ],
  ['a merge of no map', 'a: { <<: 1 }\n', "1:6 '<<' needs maps"]
]
for (const [what, text, expected] of ODD)
  test(`${what} is a problem where it stands`, bounded, async (t) => {
    const [problem = '', ...others] = await problemsIn(t, { 'a.yaml': text })
    assert.ok(problem === expected || (problem.endsWith(expected) && text.length > 1_000), problem)
    assert.deepEqual(others, [])
  })

test('merges that multiply are read in no time, as they have no more keys', bounded, async (t) => {
  const levels = Array.from(
    { length: 40 },
    (_, i) => `  l${i + 1}: &l${i + 1} { <<: [${Array(20).fill(`*l${i}`).join()}] }`
  )
  const cwd = folder(t, { 'a.yaml': `policies:\n  l0: &l0 { x: 1 }\n${levels.join('\n')}\n` })
  const { policies = {} } = (await loadConfig('a.yaml', { cwd })).config
  assert.deepEqual(policies.l40 as object, { x: 1 })
})

test('JSON has places, and keys that stand twice are a problem', async (t) => {
  const text = '{\n  "pools": { "a": [1, { "b\\"c": null }], "d": -1.5e3 },\n  "x": {}, "y": [], "x": 1\n}'
  assert.deepEqual(await problemsIn(t, { 'a.json': text }), ["3:21 the key 'x' stands twice"])
  const cwd = folder(t, { 'a.json': text.replace(', "x": 1', '') })
  const { config, locate } = await loadConfig('a.json', { cwd })
  assert.deepEqual(config as object, { pools: { a: [1, { 'b"c': null }], d: -1_500 }, x: {}, y: [] })
  const at = (path: string) => [locate(path)?.line, locate(path)?.column]
  assert.deepEqual(['pools.a[1].b"c', 'pools.a[0]', 'pools.d', 'y'].map(at), [
    [2, 25],
    [2, 20],
    [2, 42],
    [3, 12]
  ])
})

test('what is no UTF-8 says what it is', async (t) => {
  const utf16 = Buffer.from('\ufeffroutes: []', 'utf16le')
  for (const [content, expected] of [
    [utf16, 'a.yaml is UTF-16: save it as UTF-8'],
    [Buffer.from(utf16).swap16(), 'a.yaml is UTF-16: save it as UTF-8'],
    [
      Buffer.from('routes: []', 'utf16le'),
      'a.yaml has NUL characters: it is no text, or UTF-16; save it as UTF-8'
    ],
    [Buffer.from([0x61, 0x3a, 0x20, 0xe4]), 'a.yaml is no UTF-8: save it as UTF-8']
  ] as const)
    assert.deepEqual(await problemsIn(t, { 'a.yaml': content }), [expected])
})

const MODULES: readonly [what: string, text: string, expected: string][] = [
  ['throws nothing', 'throw null', '1:1 the module cannot be loaded: it threw null'],
  ['throws a text', "throw 'no'", '1:1 the module cannot be loaded: it threw a value of type string'],
  [
    'has a getter that throws',
    "export default { pools: { get a() { throw new Error('boom') } } }",
    '1:1 pools.a reading it threw Error: boom'
  ],
  [
    'has a list that is within itself',
    'const a = []; a.push([a]); export default { routes: a }',
    '1:1 routes[0][0] it is within itself'
  ],
  [
    'never settles',
    'await new Promise(() => {}); export default {}',
    '1:1 the module cannot be loaded: it has not loaded within 2 s: a top-level await, or its function, never settles'
  ],
  [
    'has a function that never settles',
    'export default () => new Promise(() => {})',
    '1:1 the module cannot be loaded: it has not loaded within 2 s: a top-level await, or its function, never settles'
  ]
]
for (const [what, text, expected] of MODULES)
  test(`a module that ${what} is a problem`, bounded, async (t) => {
    assert.deepEqual(await problemsIn(t, { 'a.mjs': text }, { deadlineMs: 2_000 }), [expected])
  })

test('what stands twice in the objects of a module is no circle', async (t) => {
  const cwd = folder(t, { 'a.mjs': 'const a = { x: 1 }; export default { policies: { a, b: a } }' })
  assert.deepEqual((await loadConfig('a.mjs', { cwd })).config as object, {
    policies: { a: { x: 1 }, b: { x: 1 } }
  })
})

test('a long file is read in a thread of its own, with places and references', bounded, async (t) => {
  const routes = Array.from(
    { length: 2_000 },
    (_, i) => `  - { id: r${i}, path: "/p${i}/*", pool: \${P:-app} }`
  )
  const text = `pools: { app: { endpoints: [http://localhost:3000] } }\nroutes:\n${routes.join('\n')}\n`
  const cwd = folder(t, { 'a.yaml': text, 'b.yaml': `${text}x: [` })
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  const { config, locate } = await loadConfig('a.yaml', { cwd, env: {} })
  clearInterval(timer)
  assert.ok(turns > 5, `${turns} turns of the event loop`)
  assert.deepEqual(config.routes?.[1_999], { id: 'r1999', path: '/p1999/*', pool: 'app' })
  assert.deepEqual(locate('routes[1999].pool'), { file: 'a.yaml', line: 2_002, column: 36 })
  assert.match((await problemsOf('b.yaml', { cwd, env: {} }))[0] ?? '', /^2004:1 |^2003:\d+ /)
})

test('errors of other kinds have no secrets in them either', async (t) => {
  const cwd = folder(t, { 'a.yaml': `a: \${file:key}\n`, key: 'hunter2-and-more\nof it\n' })
  const loaded = await loadConfig('a.yaml', { cwd })
  const cause = new Error(`connect to hunter2-and-more\ufffdof it failed`)
  const shown = withPositions(new Error("'hunter2-and-…' is wrong", { cause }), loaded) as Error
  assert.equal(shown.message, "'***…' is wrong")
  assert.equal((shown.cause as Error).message, 'connect to *** failed')
  assert.doesNotMatch(`${shown.stack}${(shown.cause as Error).stack}`, /hunter2/)
})
