import assert from 'node:assert/strict'
import { posix } from 'node:path'
import { test } from 'node:test'
import { importsOf, packageOf } from '../support/imports.js'
import {
  read,
  referencesOf,
  sourcesOf,
  type Workspace,
  workspaceAt,
  workspacesIn
} from '../support/workspace.js'

/** Lowest first. A package uses lower layers only, so features meet in core and never know each other. */
const LAYERS: readonly (readonly string[])[] = [
  ['core'],
  [
    ...[
      'routing',
      'balancing',
      'proxy',
      'health',
      'circuit-breaker',
      'retry',
      'overload',
      'access-log',
      'metrics',
      'flight-recorder',
      'discovery',
      'rate-limit',
      'cors',
      'compression',
      'security-headers',
      'auth',
      'validation'
    ],
    ...['transform', 'filters', 'traffic', 'cache', 'metrics', 'tracing', 'access-log', 'tls'],
    ...['fleet', 'testing']
  ],
  ['gateway'],
  ['config', 'lint', 'admin', 'workers', 'migrate', 'serverless'],
  ['cli', 'create-gatewright']
]

/** Third parties that stand behind certain packages, so that they can be replaced in one place. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  '@fastify/rate-limit': ['rate-limit'],
  '@fastify/reply-from': ['proxy'],
  'find-my-way': ['routing'],
  'prom-client': ['metrics'],
  '@opentelemetry/api': ['tracing'],
  pino: ['access-log'],
  ajv: ['validation'],
  yaml: ['metrics', 'config', 'migrate'],
  undici: ['proxy']
}

/** What every package may build on. */
const FOUNDATION = new Set(['fastify', 'fastify-plugin', '@fastify/error'])

const packages = workspacesIn('packages')
const layerOf = (name: string): number => LAYERS.findIndex((names) => names.includes(name))
const ours = (names: Iterable<string>): string[] =>
  [...names].flatMap((name) =>
    name === 'gatewright'
      ? ['cli']
      : name.startsWith('@gatewright/')
        ? [name.slice('@gatewright/'.length)]
        : []
  )
const isTest = (file: string): boolean => file.endsWith('.test.ts')

for (const workspace of packages) {
  const { name, manifest, path } = workspace
  const sources = sourcesOf(workspace).map((file) => ({ file, imports: importsOf(read(file)) }))

  test(`${name} has a layer`, () => {
    assert.notEqual(layerOf(name), -1, `give ${name} a layer`)
  })

  test(`${name} depends on lower layers only`, () => {
    const imported = sources
      .filter(({ file }) => !isTest(file))
      .flatMap(({ imports }) => imports.map(({ from }) => packageOf(from) ?? ''))
    for (const other of new Set(ours([...Object.keys(manifest.dependencies ?? {}), ...imported])))
      assert.ok(layerOf(other) < layerOf(name), `${name} must not use ${other}`)
  })

  test(`${name} needs lower layers and the test kit for its tests, and no more`, () => {
    const imported = sources.flatMap(({ imports }) => imports.map(({ from }) => packageOf(from) ?? ''))
    for (const other of new Set(ours([...Object.keys(manifest.devDependencies ?? {}), ...imported])))
      assert.ok(
        other === name || other === 'testing' || layerOf(other) < layerOf(name),
        `${name} must not use ${other}`
      )
  })

  test(`${name} reaches into no other package`, () => {
    for (const { file, imports } of sources)
      for (const { from } of imports)
        if (from.startsWith('.'))
          assert.ok(
            posix.join(posix.dirname(file), from).startsWith(`${path}/src/`),
            `${file} imports '${from}'; import the package`
          )
  })

  if (layerOf(name) < 2)
    test(`${name} uses Fastify in plugin.ts alone`, () => {
      for (const { file, imports } of sources)
        for (const { from, typeOnly } of imports)
          if (!isTest(file) && !typeOnly && ['fastify', 'fastify-plugin'].includes(packageOf(from) ?? ''))
            assert.match(file, /\/plugin\.ts$/, `${file} imports ${from}; only types may be imported there`)
    })
}

for (const workspace of [...packages, ...workspacesIn('examples'), workspaceAt('test')])
  test(`${workspace.path} refers to the projects it depends on`, () => {
    const { dependencies, devDependencies } = workspace.manifest
    const needed = ours(Object.keys({ ...dependencies, ...devDependencies })).map(
      (name) => `packages/${name}`
    )
    assert.deepEqual([...workspace.references].sort(), needed.sort())
  })

test('the root project refers to every workspace', () => {
  const all = [...packages, ...workspacesIn('examples'), workspaceAt('test')].map(({ path }) => path)
  assert.deepEqual(referencesOf('.').sort(), all.sort())
})

test('a third party stands behind one package', () => {
  const users = new Map<string, string[]>()
  for (const { name, manifest } of packages)
    for (const dependency of Object.keys(manifest.dependencies ?? {}))
      if (!dependency.startsWith('@gatewright/') && !FOUNDATION.has(dependency))
        users.set(dependency, [...(users.get(dependency) ?? []), name])
  for (const [dependency, names] of users) {
    const owners = OWNERS[dependency] ?? names.slice(0, 1)
    assert.deepEqual(
      names.filter((name) => !owners.includes(name)),
      [],
      `${dependency} belongs to ${owners.join(' and ')}`
    )
  }
})

test('undici is known where it is loaded and adapted, and none of its types is met anywhere else', () => {
  const users = packages
    .flatMap(sourcesOf)
    .filter((file) => !isTest(file) && importsOf(read(file)).some(({ from }) => from === 'undici'))
  assert.deepEqual(users.map((file) => file.replace(/^.*packages\//, '')).sort(), [
    'proxy/src/connector.ts',
    'proxy/src/transport.ts',
    'proxy/src/undici-connection.ts'
  ])
})

test('core neither waits nor sends', () => {
  const core = packages.find(({ name }) => name === 'core') as Workspace
  // `timers.ts` is what all others wait with; `tls-material.ts` only tries whether a key fits its certificate.
  const exempt = /\/(?:timers|tls-material)\.ts$/
  for (const file of sourcesOf(core).filter((file) => !isTest(file) && !exempt.test(file))) {
    const source = read(file)
    assert.doesNotMatch(source, /(?<!\.)\bset(?:Timeout|Interval|Immediate)\(/, `${file} sets a timer`)
    for (const { from, typeOnly } of importsOf(source))
      if (!typeOnly)
        assert.doesNotMatch(
          from,
          /^(?:undici|node:(?:timers|https?|tls)(?:\/.*)?)$/,
          `${file} imports ${from}`
        )
  }
})
