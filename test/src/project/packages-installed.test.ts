import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { installPackages } from '../support/installed-packages.js'
import { NpxRunning, npx } from '../support/npx.js'
import { DECIDED, PLUGINS, policiesProgram } from '../support/policies-program.js'
import { read, root, workspacesIn } from '../support/workspace.js'

const project = installPackages()
after(() => project.remove())

/** Loads Ajv, the one that Fastify brings, when a route has a schema. */
const VALIDATION = '@gatewright/validation'

/** The code of packages that have more than one entry. */
const CODE: Readonly<Record<string, readonly string[]>> = {
  // What schemas of keys are made of is for those who write them: nothing loads it at run time.
  '@gatewright/core': ['lib/index.js', 'dist/config/terms.js'],
  '@gatewright/config': ['lib/index.js', 'lib/parse-worker.js'],
  '@gatewright/filters': ['lib/index.js', 'lib/server.js'],
  gatewright: ['bin/gatewright.js', 'bin/worker.js', 'lib/index.js'],
  // What runs the command may be too old to read the rest.
  'create-gatewright': ['bin.js', 'lib/index.js']
}

const names = workspacesIn('packages').map(({ manifest }) => manifest.name)

for (const name of names) {
  const files = project.filesOf(name)

  test(`${name} has its licence, its README, one file of code and its types, and no tests and no schemas`, () => {
    for (const file of ['LICENSE', 'README.md', 'package.json', 'dist/index.d.ts'])
      assert.ok(files.includes(file), file)
    assert.deepEqual(
      // What several entries share is a file of its own.
      files.filter((file) => /\.[cm]?js$/.test(file) && !/^lib\/[\w-]+-[\w-]{8}\.js$/.test(file)),
      CODE[name] ?? ['lib/index.js']
    )
    assert.deepEqual(
      // The tests of a template are a project's own.
      files.filter((file) => /^(?!templates\/).*(?:\.test\.|config\/schema|tsbuildinfo)/.test(file)),
      []
    )
  })

  test(`${name} has source maps that hold their sources`, () => {
    const maps = files.filter((file) => file.endsWith('.js.map'))
    assert.ok(maps.length > 0)
    for (const map of maps) {
      const { sources, sourcesContent } = JSON.parse(project.read(name, map))
      assert.equal(sourcesContent?.length, sources.length, map)
    }
  })

  test(`${name} imports neither TypeBox nor Ajv, in code or types`, () => {
    const read = name === VALIDATION ? /\.d\.ts$/ : /\.(?:js|d\.ts)$/
    for (const file of files.filter((file) => read.test(file)))
      assert.doesNotMatch(
        project.read(name, file),
        /(?:from|import|require\(|import\() ?['"](?:typebox|ajv)\b/,
        file
      )
  })
}

test('what is needed to build is not installed: TypeBox, and no Ajv but the one that Fastify brings', () => {
  const fastify = closureOf(['fastify'])
  const ours = [...closureOf(names)].filter((path) => !fastify.has(path))
  assert.deepEqual(
    ours.filter((path) => /\/(?:typebox|ajv(?:-formats)?)$/.test(path)),
    []
  )
  assert.deepEqual(
    Object.keys(project.installed).filter((path) => path.endsWith('/typebox')),
    []
  )
  for (const name of names) {
    const { dependencies = {} } = project.installed[`node_modules/${name}`] ?? {}
    assert.ok((name === VALIDATION || !('ajv' in dependencies)) && !('typebox' in dependencies), name)
  }
})

test('nothing native is installed, and no package runs anything at its installation', () => {
  const seen = Object.keys(project.installed).filter((path) => path !== '')
  assert.ok(seen.length > 50)
  for (const path of seen) {
    const folder = join(project.path, path)
    // What is for another system is not there.
    if (!existsSync(folder)) continue
    const { scripts = {}, gypfile } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const { preinstall, install, postinstall } = scripts
    for (const one of [preinstall, install, postinstall, gypfile]) assert.equal(one, undefined, path)
    assert.deepEqual(
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
        /\.node$|(?:^|\/)binding\.gyp$/.test(file)
      ),
      [],
      path
    )
  }
})

test('the sample that opens in a browser runs on nothing but what is installed', () => {
  const program = `process.env.PORT = '0'
console.log = () => {}
const { url } = await import('./online.mjs')
const response = await fetch(new URL('/hello', url))
process.stderr.write(await response.text())
process.exit()`
  const { stackblitz, scripts } = JSON.parse(read('examples/minimal/package.json'))
  assert.deepEqual([stackblitz.startCommand, scripts.online], ['npm run online', 'node online.mjs'])
  writeFileSync(join(project.path, 'online.mjs'), read('examples/minimal/online.mjs'))
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: project.path,
    encoding: 'utf8'
  })
  assert.equal(stderr, 'GET /hello has come through the gateway\n')
})

test('one Fastify is installed', () => {
  assert.deepEqual(
    Object.keys(project.installed).filter((path) => path.endsWith('node_modules/fastify')),
    ['node_modules/fastify']
  )
})

const PROGRAM = `
const gateway = createGateway({
  logger: false,
  accessLog: false,
  pools: { main: { endpoints: ['http://127.0.0.1:1'], balancing: { type: 'consistent-hash', key: 'path' } } },
  routes: [{ path: '/hello', respond: { body: 'hello' } }]
})
gateway.inject('/hello').then(async ({ body }) => {
  const app = fastify()
  await app.register(plugin, { routes: [{ path: '/*', respond: { body: 'plugin' } }] })
  process.stdout.write(body + ' ' + (await app.inject('/x')).body)
})
`

test('the packages are used as ES modules', () => {
  const imports =
    "import { fastify } from 'fastify'\nimport plugin, { createGateway } from '@gatewright/gateway'\n"
  assert.equal(project.run('program.mjs', imports + PROGRAM), 'hello plugin')
})

test('the packages are used from CommonJS', () => {
  const imports = `const { fastify } = require('fastify')
const { default: plugin, createGateway } = require('@gatewright/gateway')
`
  assert.equal(project.run('program.cjs', imports + PROGRAM), 'hello plugin')
})

test('every package is loaded from CommonJS', () => {
  const program = names.map((name) => `require('${name}')\n`).join('')
  assert.equal(project.run('all.cjs', program), '')
})

const FILTERED = `
async function main() {
  const server = await serveFilters({
    check: ({ attributes }) => (attributes.request.http.path === '/no' ? { answer: { status: 401, body: 'no' } } : {})
  })
  const app = fastify()
  await app.register(plugin, {
    routes: [
      {
        path: '/*',
        respond: { body: 'yes' },
        filters: [
          { type: 'ext_authz', target: server.url, timeout: '30s' },
          { type: 'function', name: 'mine', request: () => ({ responseHeaders: { 'x-by': 'mine' } }) }
        ]
      }
    ]
  })
  const yes = await app.inject('/yes')
  process.stdout.write([yes.body, yes.headers['x-by'], (await app.inject('/no')).body].join(' '))
  await app.close()
  await server.close()
}
void main()
`

test('filters and a service of filters are used as ES modules, from CommonJS and from TypeScript', () => {
  const names = [
    ['{ fastify }', 'fastify'],
    ['{ gateway: plugin }', '@gatewright/gateway'],
    ['{ serveFilters }', '@gatewright/filters/server']
  ]
  const imports = names.map(([what, from]) => `import ${what?.replace(':', ' as')} from '${from}'\n`).join('')
  const requires = names.map(([what, from]) => `const ${what} = require('${from}')\n`).join('')
  assert.equal(project.run('filters.mjs', imports + FILTERED), 'yes mine no')
  assert.equal(project.run('filters.cjs', requires + FILTERED), 'yes mine no')
  assert.equal(project.compile('filters.ts', imports + FILTERED), '')
  assert.match(
    project.compile('wrong-filters.ts', imports + FILTERED.replace('ext_authz', 'ext_auth')),
    /ext_auth/
  )
})

test('the packages are used from TypeScript, whose compiler checks their declarations too', () => {
  const program = `${names.map((name, index) => `import * as all${index} from '${name}'\nvoid all${index}\n`).join('')}
import gateway, { type Applied, type ApplyOptions, createGateway, type GatewayConfig } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'
import Fastify from 'fastify'

const pools = { users: { endpoints: ['http://10.0.0.1:8080'] } }
createGateway({ pools, routes: [{ path: '/*', pool: 'users', timeout: '1s' }] })
Fastify().register(gateway, { pools, routes: [{ path: '/*', pool: 'users', timeout: '1s' }] })
// @ts-expect-error there is no pool 'usrs'
createGateway({ pools, routes: [{ path: '/*', pool: 'usrs' }] })
// @ts-expect-error there is no pool 'usrs'
Fastify().register(gateway, { pools, routes: [{ path: '/*', pool: 'usrs' }] })
export const config: GatewayConfig = {}
const options: ApplyOptions = { dryRun: true }
export const applied: Promise<Applied> = createGateway(config).app.gateway.apply(config, options)
export const upstream = fakeUpstream(null)
`
  assert.equal(project.compile('program.ts', program), '')
  assert.match(project.compile('wrong.ts', program.replace('// @ts-expect-error', '//')), /usrs/)
})

test('every policy works beside the plugins that apps have most often: as ES modules, from CommonJS, in TypeScript', () => {
  const { devDependencies } = JSON.parse(readFileSync(`${root}test/package.json`, 'utf8')) as {
    readonly devDependencies: Readonly<Record<string, string>>
  }
  project.add(Object.fromEntries(Object.values(PLUGINS).map((name) => [name, devDependencies[name] ?? '*'])))
  assert.equal(project.run('policies.mjs', policiesProgram('module')), DECIDED + DECIDED)
  assert.equal(project.run('policies.cjs', policiesProgram('commonjs')), DECIDED + DECIDED)
  assert.equal(project.compile('policies.ts', policiesProgram('typescript')), '')
})

/** The paths of what some packages bring, themselves included. */
function closureOf(roots: readonly string[]): Set<string> {
  const found = new Set<string>()
  const visit = (name: string, from: string): void => {
    const path = pathOf(name, from)
    if (path === undefined || found.has(path)) return
    found.add(path)
    for (const other of Object.keys(project.installed[path]?.dependencies ?? {})) visit(other, path)
  }
  for (const name of roots) visit(name, '')
  return found
}

// As Node finds it: in the nearest node_modules on the way up.
function pathOf(name: string, from: string): string | undefined {
  const here = `${from === '' ? '' : `${from}/`}node_modules/${name}`
  if (here in project.installed) return here
  if (from === '') return undefined
  return pathOf(name, from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))))
}

test('four lines of YAML and npx are a gateway: edited live, told what is wrong, checked, compared, explained', {
  timeout: 170_000
}, async (t) => {
  const write = (name: string, text: string): void => writeFileSync(join(project.path, name), text)
  const says = (body: string): string =>
    `listen: { port: 0, host: 127.0.0.1 }\nroutes:\n  - id: hello\n    path: /hello\n    respond: { body: ${body} }\n`
  write('gateway.yaml', says('one'))
  const running = new NpxRunning(t, project.path, ['gatewright', 'run'])
  const url = await running.printed(/Server listening at (http:\/\/127\.0\.0\.1:\d+)/)
  const asked = async (): Promise<readonly [number, string]> => {
    const response = await fetch(`${url}/hello`)
    return [response.status, await response.text()]
  }
  assert.deepEqual(await asked(), [200, 'one'])

  write('gateway.yaml', says('two'))
  await running.printed(/"the configuration was changed"/)
  assert.deepEqual(await asked(), [200, 'two'])

  const wrong = says('three').replace('respond', 'respnd')
  write('gateway.yaml', wrong)
  await running.printed(
    /gateway\.yaml:5:5 {2}routes\[0\]: unknown key 'respnd'; did you mean 'respond'\?\\n {2}5 \| {5}respnd.*\\n {4}\| {5}\^/
  )
  assert.deepEqual(await asked(), [200, 'two'])
  const checked = npx(project.path, ['gatewright', 'check'])
  assert.equal(checked.code, 1)
  assert.match(checked.out, /^gateway\.yaml:5:5 {2}routes\[0\]: unknown key 'respnd'/)

  write('deployed.yaml', says('two'))
  write('gateway.yaml', says('four'))
  await running.printed(/"the configuration was changed"/)
  assert.deepEqual(await asked(), [200, 'four'])
  running.signal('SIGHUP')
  await running.printed(/"the configuration was changed"/)
  assert.match(npx(project.path, ['gatewright', 'diff', 'deployed.yaml', 'gateway.yaml']).out, /two.*four/)
  assert.match(npx(project.path, ['gatewright', 'explain', '/hello']).out, /^said by .*\(gateway\.yaml:4\)$/m)
  running.signal('SIGTERM')
  await running.printed(/stopped|closed/)
})
