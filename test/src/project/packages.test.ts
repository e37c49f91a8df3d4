import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { headingsOf } from '../support/markdown.js'
import { read, root, sourcesOf, workspaceAt, workspacesIn } from '../support/workspace.js'

/** The headings every package's README has, in this order; others may stand between them. */
const HEADINGS = ['Install', 'Example', 'Options', 'Errors', 'What it does not do']

const { version, repository } = workspaceAt('.').manifest

/** Those that are commands, by their folders. */
const COMMANDS: Readonly<Record<string, string>> = {
  cli: 'gatewright',
  'create-gatewright': 'create-gatewright'
}

/** What a package exports beside its plugin, from a file of its own that nothing loads at run time. */
const MORE_EXPORTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  config: {
    './parse-worker': {
      types: './dist/parse-worker.d.ts',
      'gatewright-unbundled': './dist/parse-worker.js',
      default: './lib/parse-worker.js'
    },
    './gateway.schema.json': './gateway.schema.json'
  },
  core: { './terms': { types: './dist/config/terms.d.ts', default: './dist/config/terms.js' } },
  filters: {
    './server': {
      types: './dist/server.d.ts',
      'gatewright-unbundled': './dist/server.js',
      default: './lib/server.js'
    }
  }
}

/** Those that are no plugins. */
const WITHOUT_DEFAULT = [
  'testing',
  'config',
  'lint',
  'workers',
  'migrate',
  'serverless',
  'cli',
  'create-gatewright'
]

for (const workspace of workspacesIn('packages')) {
  const { name, path, manifest } = workspace

  test(`${name} is described for npm`, () => {
    assert.equal(manifest.name, COMMANDS[name] ?? `@gatewright/${name}`)
    assert.equal(manifest.version, version)
    assert.ok(manifest.description, 'description')
    assert.equal(manifest.license, 'Apache-2.0')
    assert.equal(manifest.type, 'module')
    assert.equal(manifest.engines?.node, '>=20.19')
    assert.ok(manifest.exports ?? manifest.bin, 'exports or bin')
    assert.ok(!manifest.private, 'not private')
    assert.ok((manifest.keywords ?? []).includes('fastify'), 'keywords')
    assert.deepEqual(manifest.repository, { ...repository, directory: path })
    assert.ok(manifest.homepage?.endsWith(`/${path}#readme`), 'homepage')
    assert.equal(read(`${path}/LICENSE`), read('LICENSE'))
  })

  test(`${name} publishes its bundle and its types without those of tests`, () => {
    for (const pattern of ['lib', 'dist/**/*.d.ts', '!dist/**/*.test.d.ts'])
      assert.ok(manifest.files?.includes(pattern), pattern)
  })

  test(`${name} is loaded as one file, and file by file where tests ask for it`, () => {
    // What a second entry shares with it is the only other file.
    const others = [...read(`${path}/lib/index.js`).matchAll(/(?:from|import|import\() ?['"](\.[^'"]*)['"]/g)]
    assert.ok(
      others.length <= (['config', 'filters'].includes(name) ? 1 : 0),
      others.map(([, file]) => file).join()
    )
    assert.deepEqual(manifest.exports, {
      '.': {
        types: './dist/index.d.ts',
        'gatewright-unbundled': './dist/index.js',
        default: './lib/index.js'
      },
      ...(MORE_EXPORTS[name] ?? {})
    })
  })

  test(`${name} depends on its siblings at exactly its own version`, () => {
    for (const [other, range] of Object.entries(manifest.dependencies ?? {}))
      if (other.startsWith('@gatewright/')) assert.equal(range, version, other)
  })

  test(`${name} leaves Fastify to the app that it is registered in`, () => {
    // createGateway makes an app of its own.
    if (name !== 'gateway') assert.equal(manifest.dependencies?.fastify, undefined)
    if (manifest.devDependencies?.fastify !== undefined)
      assert.equal(manifest.peerDependencies?.fastify, manifest.devDependencies.fastify)
  })

  test(`${name} has its plugin as default export too`, async () => {
    const exported = (await import(manifest.name)) as { readonly default?: unknown }
    assert.equal(typeof exported.default, WITHOUT_DEFAULT.includes(name) ? 'undefined' : 'function')
  })

  test(`${name} has a test`, () => {
    assert.ok(sourcesOf(workspace).some((file) => file.endsWith('.test.ts')))
  })

  test(`${name} has a README of the common shape`, () => {
    assert.ok(existsSync(`${root}${path}/README.md`), 'README.md')
    const readme = read(`${path}/README.md`)
    const headings = headingsOf(readme)
    assert.deepEqual(headings[0], { level: 1, text: manifest.name, line: 1 })
    assert.match(readme.split('\n')[2] ?? '', /^[^#\s].*\.$/, 'one sentence below the title')
    assert.doesNotMatch(readme, /\]\(\.{0,2}\//, 'a link that works in the repository alone')
    const second = headings.filter(({ level }) => level === 2).map(({ text }) => text)
    assert.deepEqual(
      second.filter((text) => HEADINGS.includes(text)),
      HEADINGS
    )
  })
}
