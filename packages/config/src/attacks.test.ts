import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { seededChance } from '@gatewright/testing'
import { ConfigFileError, type LoadedConfig, loadConfig, watchConfig } from './index.js'

const bounded = { timeout: 120_000 }

function folder(t: TestContext): string {
  const cwd = mkdtempSync(join(tmpdir(), 'gatewright-attacks-'))
  t.after(() => rmSync(cwd, { recursive: true, force: true }))
  return cwd
}

const YAML = `# a gateway
pools:
  app: &app { endpoints: ["http://a:\${PORT:-80}", 'http://b'], health: { path: /h } }
  more: { <<: *app, balancing: random }
policies:
  careful:
    retry: { attempts: 3, on: [timeout] }
    text: |
      two
      lines
    folded: >-
      a
      b
routes:
  - { id: one, path: /1/*, pool: app, use: [careful] }
  - id: "two"
    path: /\${SECTION:-s}/*
    respond: { body: "\\u00e9\\n$\${x}" }
`
const JSON_TEXT = JSON.stringify({
  pools: { app: { endpoints: [`http://a:\${PORT:-80}`] } },
  routes: [{ id: 'é', path: '/*', pool: 'app', n: [1.5e3, null, true, { a: {} }] }]
})

/** Loads a text, which must be a configuration or have problems, and nothing else may come of it. */
async function survives(cwd: string, name: string, content: Uint8Array | string): Promise<boolean> {
  writeFileSync(join(cwd, name), content)
  try {
    const loaded = await loadConfig(name, { cwd, env: {} })
    for (const path of ['pools.app.endpoints[0]', 'routes[0]: unknown key', 'x.y[3].z', ''])
      loaded.locate(path)
    loaded.redacted(loaded.config)
    return true
  } catch (error) {
    assert.ok(error instanceof ConfigFileError, `${String(error)}\n${(error as Error).stack}`)
    assert.ok(error.problems.length > 0)
    for (const { position } of error.problems)
      assert.ok(position === undefined || (position.line > 0 && position.column > 0))
    return false
  }
}

for (const [name, text] of [
  ['a.yaml', YAML],
  ['a.json', JSON_TEXT]
] as const) {
  test(`${name}, cut off at every byte, is a configuration or has problems`, bounded, async (t) => {
    const cwd = folder(t)
    const whole = Buffer.from(text)
    let right = 0
    for (let end = 0; end <= whole.length; end++)
      if (await survives(cwd, name, whole.subarray(0, end))) right++
    assert.ok(right > 0)
  })

  test(`${name}, with bytes changed, is a configuration or has problems`, bounded, async (t) => {
    const cwd = folder(t)
    const odd = [...Buffer.from('{}[]:,#&*!|>%@`"\'\\$~-?\n\r\t <\0'), 0x80, 0xc3, 0xef, 0xff, 0xf0]
    let right = 0
    for (let seed = 1; seed <= 600; seed++) {
      const chance = seededChance(seed)
      const number = (below: number): number => Math.floor(chance() * below)
      let bytes = Buffer.from(text)
      for (let changes = 1 + number(4); changes > 0; changes--) {
        const at = number(bytes.length)
        const byte = odd[number(odd.length)] as number
        const kind = chance()
        if (kind < 0.4) bytes[at] = byte
        else if (kind < 0.6)
          bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([byte]), bytes.subarray(at)])
        else if (kind < 0.8)
          bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + number(8))])
        else {
          const from = number(bytes.length)
          const piece = bytes.subarray(from, from + number(30))
          bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)])
        }
      }
      if (await survives(cwd, name, bytes)) right++
    }
    assert.ok(right > 20, `${right} of 600 are right`)
  })
}

/** Watches a file; each configuration that is given is looked at by `see`. */
function watching(t: TestContext, cwd: string, from: LoadedConfig, see: (loaded: LoadedConfig) => void) {
  const events = new EventEmitter()
  const errors: string[] = []
  const watcher = watchConfig('gateway.yaml', {
    cwd,
    from,
    intervalMs: 5,
    onChange(loaded) {
      see(loaded)
      events.emit('told')
    },
    onError({ message }) {
      errors.push(message)
      events.emit('told')
    }
  })
  const alive = setInterval(() => {}, 1_000)
  t.after(() => {
    watcher.close()
    clearInterval(alive)
  })
  return { errors, events, told: () => once(events, 'told') }
}

// The same number at the beginning and at the end: half a file would differ, or be none.
const versioned = (version: number, lines: number): string =>
  `policies: { v${version}: {} }\n${'# filler\n'.repeat(lines)}maxHeaders: ${version}\n`

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

test(
  'files that are written, renamed, cut and removed at random are never taken by halves',
  bounded,
  async (t) => {
    const cwd = folder(t)
    const file = join(cwd, 'gateway.yaml')
    writeFileSync(file, versioned(0, 1))
    let last = 0
    const { events } = watching(t, cwd, await loadConfig('gateway.yaml', { cwd }), ({ config }) => {
      const [version = ''] = Object.keys(config.policies ?? {})
      assert.equal(version, `v${config.maxHeaders}`)
      last = config.maxHeaders ?? 0
    })
    const chance = seededChance(7)
    for (let version = 1; version <= 150; version++) {
      const text = versioned(version, Math.floor(chance() * 200))
      const kind = chance()
      if (kind < 0.4) writeFileSync(file, text)
      else if (kind < 0.7) {
        writeFileSync(join(cwd, '.gateway.yaml.swp'), text)
        renameSync(join(cwd, '.gateway.yaml.swp'), file)
      } else if (kind < 0.8) {
        unlinkSync(file)
        symlinkSync(`v${version}`, file)
        writeFileSync(join(cwd, `v${version}`), text)
      } else if (kind < 0.9) {
        truncateSync(file, 0)
        writeFileSync(file, text)
      } else {
        rmSync(file)
        writeFileSync(file, text)
      }
      await pause(chance() * 12)
    }
    writeFileSync(file, versioned(151, 3))
    while (last !== 151) await once(events, 'told')
  }
)

test(
  'a file that was emptied, by a full disk or a writer in two steps, takes nothing away',
  bounded,
  async (t) => {
    const cwd = folder(t)
    const file = join(cwd, 'gateway.yaml')
    writeFileSync(file, versioned(1, 0))
    const seen: unknown[] = []
    const { errors, told } = watching(t, cwd, await loadConfig('gateway.yaml', { cwd }), ({ config }) =>
      seen.push(config)
    )
    truncateSync(file, 0)
    await told()
    assert.deepEqual(errors, [
      'gateway.yaml is empty, and was not before: {} stands for an empty configuration'
    ])
    writeFileSync(file, '{}\n')
    await told()
    assert.deepEqual(seen, [{}])
  }
)

test(
  'files of editors, copies and synchronizers beside those of a folder are left alone',
  bounded,
  async (t) => {
    const cwd = folder(t)
    mkdirSync(join(cwd, 'routes.d'))
    writeFileSync(join(cwd, 'gateway.yaml'), 'include: routes.d\n')
    writeFileSync(join(cwd, 'routes.d', 'a.yaml'), 'policies: { a: {} }\n')
    for (const name of [
      '.a.yaml.swp',
      'a.yaml~',
      '#a.yaml#',
      '.#a.yaml',
      '4913',
      'a.yaml.bak',
      '.a.yaml.Xy12',
      'sedAb1'
    ])
      writeFileSync(join(cwd, 'routes.d', name), 'policies: [')
    const { config, files } = await loadConfig('gateway.yaml', { cwd })
    assert.deepEqual(config as object, { policies: { a: {} } })
    assert.deepEqual(files, ['gateway.yaml', join('routes.d', 'a.yaml')])
  }
)

test('a mounted folder that is put in place again, with what it had, is no change', bounded, async (t) => {
  const cwd = folder(t)
  const put = (version: string, text: string): void => {
    mkdirSync(join(cwd, version))
    writeFileSync(join(cwd, version, 'gateway.yaml'), text)
    symlinkSync(version, join(cwd, '..tmp'))
    renameSync(join(cwd, '..tmp'), join(cwd, '..data'))
  }
  put('..1', versioned(1, 0))
  symlinkSync('..data/gateway.yaml', join(cwd, 'gateway.yaml'))
  const seen: unknown[] = []
  const { told } = watching(t, cwd, await loadConfig('gateway.yaml', { cwd }), ({ config }) =>
    seen.push(config.maxHeaders)
  )
  await pause(40)
  put('..2', versioned(1, 0))
  await pause(40)
  put('..3', versioned(3, 0))
  await told()
  assert.deepEqual(seen, [3])
})

test('two files that belong together and are written one after the other end in both', bounded, async (t) => {
  const cwd = folder(t)
  writeFileSync(join(cwd, 'gateway.yaml'), 'include: [pools.yaml]\nroutes: [{ path: /*, pool: a }]\n')
  writeFileSync(join(cwd, 'pools.yaml'), 'pools: { a: { endpoints: [http://a] } }\n')
  let pools = ''
  const { events } = watching(t, cwd, await loadConfig('gateway.yaml', { cwd }), ({ config }) => {
    pools = Object.keys(config.pools ?? {}).join()
    const [route] = config.routes ?? []
    // What a gateway would say of a route to a pool that is gone.
    if (typeof route?.pool === 'string' && !pools.includes(route.pool))
      throw new Error(`no pool ${route.pool}`)
  })
  writeFileSync(join(cwd, 'pools.yaml'), 'pools: { b: { endpoints: [http://b] } }\n')
  await pause(30)
  writeFileSync(join(cwd, 'gateway.yaml'), 'include: [pools.yaml]\nroutes: [{ path: /*, pool: b }]\n')
  while (pools !== 'b') await once(events, 'told')
})

test('what a variable or a file has is taken as it is, and not looked through again', async (t) => {
  const cwd = folder(t)
  writeFileSync(join(cwd, 'key'), `\${HOME}: [x]\n`)
  writeFileSync(join(cwd, 'a.yaml'), `a: \${VALUE}\nb: "\${file:key}"\nc: \${NUMBER}\nd: \${LIST}\n`)
  const env = { VALUE: `a\${HOME}$${'$'}{x}: #b`, NUMBER: '0123', LIST: '[1, 2]' }
  assert.deepEqual((await loadConfig('a.yaml', { cwd, env })).config as object, {
    a: env.VALUE,
    b: `\${HOME}: [x]`,
    c: 123,
    d: '[1, 2]'
  })
})
