import assert from 'node:assert/strict'
import { once } from 'node:events'
import { cpSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { hashApiKey } from '@gatewright/gateway'
import { parse } from 'yaml'
import { importsOf, packageOf } from '../support/imports.js'
import { type Newcomer, newcomer } from '../support/scaffolding.js'
import { read } from '../support/workspace.js'

/** A part of the configuration, and the file of tests that has to notice when it is gone. */
type Removal = readonly [tests: string, part: RegExp, instead?: string]

interface Preset {
  /** What is asked of it once it runs. */
  readonly path: string
  readonly removals: readonly Removal[]
}

const PRESETS: Readonly<Record<string, Preset>> = {
  minimal: {
    path: '/hello',
    removals: [
      ['gateway', /retry: 'idempotent',/],
      ['gateway', /perTry: '2s', /],
      ['gateway', /circuitBreaker: \{.*\}/],
      ['gateway', /outlierDetection: \{.*\}/, 'outlierDetection: false'],
      ['gateway', /bodyLimit: '1MiB'/]
    ]
  },
  api: {
    path: '/orders/1',
    removals: [
      ['access', /auth: \{ any: .*\},/, 'auth: false,'],
      ['access', /headers: \{ 'x-consumer'.*\}/],
      ['access', /rateLimit: \{ name: 'quota'.*\},/],
      ['access', /rateLimit: \{ name: 'flood'.*\},/],
      ['access', /methods: \['GET', 'HEAD'\],/],
      ['resilience', /retry: 'idempotent',/],
      ['resilience', /hedge: \{.*\}/],
      ['resilience', /\{ remove: \['server', 'x-powered-by'\] \},/],
      ['resilience', /bodyLimit: '256KiB'/],
      ['resilience', /circuitBreaker: \{.*\}/],
      ['resilience', /flightRecorder: true,/]
    ]
  },
  bff: {
    path: '/',
    removals: [
      ['gateway', /retry: 'idempotent',/],
      ['gateway', /headers: \{ 'x-user': 'subject' \}/],
      ['gateway', /cors: \{.*\},/],
      ['gateway', /securityHeaders: \{.*\},/],
      ['gateway', /compression: true,/],
      ['gateway', /bodyLimit: '4KiB',/],
      ['gateway', /requireTls: .*,/],
      ['gateway', /rateLimit: \{ limit: 5.*\},/],
      ['gateway', /circuitBreaker: \{.*\}/]
    ]
  },
  plugin: {
    path: '/users/7',
    removals: [
      ['app', /retry: 'idempotent', /],
      ['app', /perTry: '2s', /],
      ['app', /circuitBreaker: \{.*\}/]
    ]
  }
}

let user: Newcomer
let modules: string
before(async () => {
  user = await newcomer()
  // Installed as users do; the other projects find the packages by a link.
  modules = join(await made('minimal', []), 'node_modules')
})
after(() => user.leave())

const LARGEST_MIB = 85

test('minimal brings as much as the guide says', () => {
  const { packages } = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8'))
  const count = Object.keys(packages).length
  const [, stated, mib] =
    /`minimal` has (\d+) packages in (\d+) MB/.exec(read('docs/template.md')) ??
    assert.fail('it says nothing')
  assert.ok(Math.abs(count - Number(stated)) <= 10, `${count} packages, and the guide says ${stated}`)
  const size = sizeOf(modules) / 2 ** 20
  assert.ok(size < LARGEST_MIB && size > Number(mib) / 2, `${size} MiB, and the guide says ${mib}`)
})

test('the project of each preset', { concurrency: 4 }, async (t) => {
  const tested = Object.entries(PRESETS).map(([preset, { path, removals }]) =>
    t.test(
      `${preset} passes its tests, answers, drills, and its tests notice what is taken out`,
      async (t) => {
        const project = preset === 'minimal' ? join(user.folder, preset) : await linked(preset)
        assert.deepEqual(undeclared(project), [], 'packages that package.json does not have')
        assertFiles(project)

        const tested = await user.run('npm', ['test'], project)
        assert.equal(tested.code, 0, tested.output)
        assert.match(tested.output, /^(?:#|ℹ) pass [1-9]\d*$/m)

        // `npm start` compiles again what the others run: one is enough.
        if (preset === 'minimal') await startedAndAsked(t, project, path, ['npm', 'start'])
        await Promise.all([
          ...(preset === 'minimal' ? [] : [startedAndAsked(t, project, path, ['node', 'dist/src/main.js'])]),
          drilled(project, 0),
          testsNotice(project, removals),
          ...(preset === 'api' ? [keysAreMade(project)] : []),
          ...(preset === 'minimal' ? [drillFails(project)] : [])
        ])
      }
    )
  )
  await Promise.all(tested)
})

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
}

async function linked(preset: string): Promise<string> {
  const project = await made(preset, ['--no-install'])
  symlinkSync(modules, join(project, 'node_modules'))
  return project
}

async function made(preset: string, options: readonly string[]): Promise<string> {
  const { code, output } = await user.create([preset, '--preset', preset, '--yes', ...options])
  assert.equal(code, 0, output)
  return join(user.folder, preset)
}

function assertFiles(project: string): void {
  for (const file of ['.gitignore', '.dockerignore', 'README.md', 'Dockerfile'])
    assert.ok(existsSync(join(project, file)), file)
  const compose = parse(readFileSync(join(project, 'compose.yaml'), 'utf8'), { merge: true })
  assert.equal(compose.services.gateway.read_only, true)
  const dockerfile = readFileSync(join(project, 'Dockerfile'), 'utf8')
  // The last stage: an ordinary user, and programs that get signals themselves.
  assert.match(dockerfile, /\nUSER node\n[\s\S]*\nHEALTHCHECK .* CMD \[.*\]\nCMD \["node", .*\]\n$/)
  const { jobs } = parse(readFileSync(join(project, '.github/workflows/ci.yml'), 'utf8'))
  assert.deepEqual(jobs.test.strategy.matrix.node, [20, 22, 24])
}

/** Packages that the sources import and `package.json` does not declare. */
function undeclared(project: string): string[] {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'))
  const declared = (file: string) =>
    file.startsWith('test') ? { ...dependencies, ...devDependencies } : dependencies
  return ['src', 'demo', 'test'].flatMap((folder) =>
    readdirSync(join(project, folder)).flatMap((name) =>
      importsOf(readFileSync(join(project, folder, name), 'utf8'))
        .map(({ from }) => packageOf(from))
        .filter((from) => from !== undefined && !(from in declared(folder)))
        .map((from) => `${folder}/${name}: ${from}`)
    )
  )
}

async function startedAndAsked(
  t: TestContext,
  project: string,
  path: string,
  [command, argument]: readonly [string, string]
): Promise<void> {
  const gateway = user.start(command, [argument], project, { PORT: '0', PROBE_PORT: '0' })
  t.after(() => gateway.exitCode ?? gateway.signalCode ?? process.kill(-Number(gateway.pid), 'SIGKILL'))
  let output = ''
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [gateway.stdout, gateway.stderr])
      stream?.on('data', (chunk) => {
        output += chunk
        const [, found] = /answers on (http:[^;\s]+);/.exec(output) ?? []
        if (found !== undefined) setImmediate(resolve, found)
      })
    gateway.once('close', () => reject(new Error(output)))
  })
  const [, key] = /x-api-key: (\S+)'/.exec(output) ?? []
  const response = await fetch(`${url}${path}`, { headers: key === undefined ? {} : { 'x-api-key': key } })
  assert.equal(response.status, 200, output)
  assert.equal(((await response.json()) as { url: string }).url, path)
  const ended = once(gateway, 'close')
  process.kill(-Number(gateway.pid), 'SIGINT')
  // npm ends by the signal itself.
  const [code, signal] = await ended
  assert.ok(code === 0 || code === 130 || signal === 'SIGINT', `${code} ${signal}`)
}

/** `npm run key` shows a key of which the file has the hash. */
async function keysAreMade(project: string): Promise<void> {
  const make = (consumer: string) => user.run('node', ['dist/src/new-key.js', '--', consumer], project)
  const { output } = await make('acme')
  const [, key = ''] = /shown only once: (acme_\S+)/.exec(output) ?? []
  const file = readFileSync(join(project, 'keys.json'), 'utf8')
  assert.deepEqual(JSON.parse(file), [
    { id: JSON.parse(file)[0].id, hash: hashApiKey(key), consumer: 'acme' }
  ])
  assert.ok(!file.includes(key))
  const stranger = await make('nobody')
  assert.equal(stranger.code, 1)
  assert.match(stranger.output, /'nobody' is none of the consumers in src\/consumers\.ts: acme, demo/)
}

async function drilled(project: string, expected: number, file = 'dist/demo/drill.js'): Promise<string> {
  const { code, output } = await user.run('node', [file], project)
  assert.equal(code, expected, output)
  return output
}

/** Without its retries the gateway hides no fault, and the drill says so. */
async function drillFails(project: string): Promise<void> {
  const copy = without(project, 'drill', /retry: 'idempotent',/, '')
  assert.match(await drilled(project, 1, `${copy}/demo/drill.js`), /Did not happen/)
}

/** The project's own tests fail when any of these is taken out. All are tried on CI, elsewhere two: each takes a second. */
async function testsNotice(project: string, removals: readonly Removal[]): Promise<void> {
  const unnoticed: string[] = []
  const tried = process.env.CI === undefined ? removals.slice(0, 2) : removals
  for (const [index, [tests, part, instead = '']] of tried.entries()) {
    const copy = without(project, String(index), part, instead)
    const { code, output } = await user.run('node', [`${copy}/test/${tests}.test.js`], project)
    // A configuration that does not start proves nothing.
    if (code === 0 || output.includes('GW_CONFIG_INVALID')) unnoticed.push(String(part))
  }
  assert.deepEqual(unnoticed, [])
}

function without(project: string, name: string, part: RegExp, instead: string): string {
  const copy = `without-${name}`
  cpSync(join(project, 'dist'), join(project, copy), { recursive: true })
  const file = join(project, copy, 'src/gateway.js')
  const text = readFileSync(file, 'utf8')
  assert.match(text, part)
  writeFileSync(file, text.replace(part, instead))
  return copy
}
