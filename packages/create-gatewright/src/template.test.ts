import assert from 'node:assert/strict'
import { test } from 'node:test'
import { choosePackageManager, commandsFor, PACKAGE_MANAGERS } from './package-manager.js'
import { PRESETS } from './presets.js'
import { projectFiles, projectManifest } from './template.js'

const NEEDED = [
  ...['.dockerignore', '.github/workflows/ci.yml', '.gitignore', 'Dockerfile', 'README.md', 'compose.yaml'],
  ...['demo/drill.ts', 'src/gateway.ts', 'src/main.ts', 'tsconfig.json']
]

for (const { name: preset } of PRESETS)
  for (const manager of PACKAGE_MANAGERS) {
    const packageManager = choosePackageManager(manager, undefined)
    const values = { preset, name: '@acme/edge', packageManager, version: '1.2.3' }

    test(`${preset} for ${manager} has all its files, with names and commands of its own`, () => {
      const files = projectFiles(values)
      const paths = files.map(({ path }) => path)
      for (const path of NEEDED) assert.ok(paths.includes(path), path)
      for (const { path, text } of files) {
        assert.doesNotMatch(path, /(?:^|\/)_|\\|^package\.json$/)
        assert.doesNotMatch(text, /\r|my-gateway/, path)
        if (manager !== 'npm') assert.doesNotMatch(text, /\bnpm/, path)
      }
    })

    test(`${preset} for ${manager} has Gatewright's packages at its version, and scripts that use ${manager}`, () => {
      const { dependencies = {}, devDependencies = {}, scripts = {}, ...manifest } = projectManifest(values)
      assert.deepEqual([manifest.name, manifest.private], ['@acme/edge', true])
      assert.ok(manifest.description)
      for (const [name, range] of Object.entries({ ...dependencies, ...devDependencies }))
        assert.match(range, name.startsWith('@gatewright/') ? /^1\.2\.3$/ : /^\^\d+\.\d+\.\d+$/, name)
      for (const script of ['start', 'test', 'drill'])
        assert.ok(scripts[script]?.startsWith(`${manager} run build && `), script)
      assert.equal(manifest.packageManager, packageManager.pinned ?? undefined)
    })
  }

const AGENTS: readonly [agent: string | undefined, name: string, pinned: string | null][] = [
  [undefined, 'npm', null],
  ['npm/10.8.2 node/v20.19.0 linux x64 workspaces/false', 'npm', null],
  ['pnpm/10.1.2 npm/? node/v22.0.0 linux x64', 'pnpm', 'pnpm@10.1.2'],
  ['yarn/4.5.0 npm/? node/v22.0.0 linux x64', 'yarn', 'yarn@4.5.0'],
  ['bun/1.2.0 npm/? node/v22.0.0 linux x64', 'npm', null],
  ['', 'npm', null]
]
for (const [agent, name, pinned] of AGENTS)
  test(`'${agent}' is ${name}`, () => {
    assert.deepEqual(choosePackageManager(null, agent), { name, pinned })
  })

test('the one that is wanted goes before the one that runs the command', () => {
  const { name, pinned } = choosePackageManager('pnpm', 'yarn/4.5.0 npm/? node/v22.0.0')
  assert.equal(name, 'pnpm')
  assert.match(pinned ?? '', /^pnpm@\d+\.\d+\.\d+$/)
})

test('commands of npm that others do not have stay', () => {
  assert.equal(commandsFor('pnpm', 'npm run a && npm test; npm ci'), 'pnpm run a && pnpm test; npm ci')
})
