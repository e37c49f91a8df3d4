import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type LoadedConfig, loadConfig, watchConfig } from './index.js'

const text = (id: string): string => `policies: { ${id}: {} }\n`
const idOf = ({ config }: LoadedConfig): string => Object.keys(config.policies ?? {}).join()

async function watched(t: TestContext, first: string, make?: (cwd: string) => void) {
  const cwd = mkdtempSync(join(tmpdir(), 'gatewright-watch-'))
  t.after(() => rmSync(cwd, { recursive: true }))
  const file = join(cwd, 'gateway.yaml')
  if (make === undefined) writeFileSync(file, text(first))
  else make(cwd)
  const seen: string[] = []
  const events = new EventEmitter()
  const from = await loadConfig('gateway.yaml', { cwd })
  const watcher = watchConfig('gateway.yaml', {
    cwd,
    from,
    intervalMs: 5,
    onChange: (loaded) => seen.push(idOf(loaded)) && events.emit('seen'),
    onError: (error) => seen.push(error.message.split('\n', 1)[0] as string) && events.emit('seen')
  })
  // Nothing else keeps the process of the test alive.
  const alive = setInterval(() => {}, 1_000)
  t.after(() => {
    watcher.close()
    clearInterval(alive)
  })
  const next = async (): Promise<string | undefined> => {
    if (seen.length === 0) await once(events, 'seen')
    return seen.shift()
  }
  return { cwd, file, next, seen }
}

const bounded = { timeout: 20_000 }

test('a file that is written again is read again, once', bounded, async (t) => {
  const { file, next, seen } = await watched(t, 'a')
  writeFileSync(file, text('b'))
  assert.equal(await next(), 'b')
  writeFileSync(file, text('c'))
  assert.equal(await next(), 'c')
  assert.deepEqual(seen, [])
})

test('a file that was written before it was watched is a change', bounded, async (t) => {
  const { file, next } = await watched(t, 'a')
  writeFileSync(file, text('soon'))
  assert.equal(await next(), 'soon')
})

test('a file that is put in the place of another is seen', bounded, async (t) => {
  const { cwd, file, next } = await watched(t, 'a')
  writeFileSync(join(cwd, '.gateway.yaml.tmp'), text('b'))
  renameSync(join(cwd, '.gateway.yaml.tmp'), file)
  assert.equal(await next(), 'b')
})

test(
  'a file that is wrong, or gone, is reported once, and read when it is right again',
  bounded,
  async (t) => {
    const { file, next } = await watched(t, 'a')
    writeFileSync(file, 'policies: [')
    assert.match((await next()) ?? '', /^gateway\.yaml:/)
    rmSync(file)
    assert.match((await next()) ?? '', /there is no file gateway\.yaml/)
    writeFileSync(file, text('back'))
    assert.equal(await next(), 'back')
  }
)

test('the links of a mounted ConfigMap are followed when they are swapped', bounded, async (t) => {
  const put = (cwd: string, version: string): void => {
    mkdirSync(join(cwd, version))
    writeFileSync(join(cwd, version, 'gateway.yaml'), text(version.replaceAll('.', '')))
  }
  const { cwd, next } = await watched(t, '', (folder) => {
    put(folder, '..v1')
    symlinkSync('..v1', join(folder, '..data'))
    symlinkSync(join('..data', 'gateway.yaml'), join(folder, 'gateway.yaml'))
  })
  put(cwd, '..v2')
  symlinkSync('..v2', join(cwd, '..data_tmp'))
  renameSync(join(cwd, '..data_tmp'), join(cwd, '..data'))
  rmSync(join(cwd, '..v1'), { recursive: true })
  assert.equal(await next(), 'v2')
})

test('included files and folders are watched, those that come later too', bounded, async (t) => {
  const { cwd, next } = await watched(t, '', (folder) => {
    writeFileSync(join(folder, 'gateway.yaml'), 'include: more\n')
    mkdirSync(join(folder, 'more'))
    writeFileSync(join(folder, 'more', 'a.yaml'), text('a'))
  })
  writeFileSync(join(cwd, 'more', 'a.yaml'), text('b'))
  assert.equal(await next(), 'b')
  writeFileSync(join(cwd, 'more', 'z.yaml'), text('z'))
  assert.equal(await next(), 'b,z')
  writeFileSync(join(cwd, 'more', 'z.yaml'), text('zz'))
  assert.equal(await next(), 'b,zz')
})

test('a file that a value names is watched: a secret may change', bounded, async (t) => {
  const { cwd, next } = await watched(t, '', (folder) => {
    writeFileSync(join(folder, 'key'), 'one\n')
    writeFileSync(join(folder, 'gateway.yaml'), `policies: { a: { key: "\${file:key}" } }\n`)
  })
  writeFileSync(join(cwd, 'key'), 'two\n')
  assert.equal(await next(), 'a')
  rmSync(join(cwd, 'key'))
  assert.match((await next()) ?? '', /^gateway\.yaml:1:\d+ {2}the file key cannot be read: ENOENT/)
  writeFileSync(join(cwd, 'key'), 'three\n')
  assert.equal(await next(), 'a')
})

test('a file that is touched, or written with what it said, is no change', bounded, async (t) => {
  const { file, next, seen } = await watched(t, 'a')
  writeFileSync(file, text('a'))
  utimesSync(file, 1, 1)
  await new Promise((resolve) => setTimeout(resolve, 60))
  writeFileSync(file, text('b'))
  assert.equal(await next(), 'b')
  assert.deepEqual(seen, [])
})

test('callbacks that throw or reject do not end it, and are told', bounded, async (t) => {
  const { cwd, file } = await watched(t, 'a')
  const events = new EventEmitter()
  const warned: string[] = []
  const onWarning = ({ code, message }: Error & { code?: string }): void => {
    if (code !== 'GW_CONFIG_WATCH') return
    warned.push(message)
    events.emit('warned')
  }
  process.on('warning', onWarning)
  t.after(() => process.off('warning', onWarning))
  const told: string[] = []
  const watcher = watchConfig('gateway.yaml', {
    cwd,
    from: await loadConfig('gateway.yaml', { cwd }),
    intervalMs: 5,
    async onChange(loaded) {
      if (idOf(loaded) === 'b') throw new Error('not b')
      events.emit('changed', idOf(loaded))
    },
    onError({ message }) {
      told.push(message.slice(0, 12))
      events.emit('told')
      throw new Error('nor this')
    }
  })
  t.after(() => watcher.close())
  const [first] = [once(events, 'warned'), writeFileSync(file, text('b'))]
  await first
  assert.deepEqual(told, ['not b'])
  assert.deepEqual(warned, ['onError of watchConfig: Error: nor this'])
  const [second] = [once(events, 'changed'), writeFileSync(file, text('c'))]
  assert.deepEqual(await second, ['c'])
})

test('what a module imports is watched: loaded again, or told to need a restart', bounded, async (t) => {
  const { cwd, next } = await watched(t, '', (folder) => {
    writeFileSync(join(folder, 'deep.mjs'), "export const id = 'a'\n")
    writeFileSync(join(folder, 'dep.mjs'), "export { id } from './deep.mjs'\n")
    writeFileSync(
      join(folder, 'm.mjs'),
      "import { id } from './dep.mjs'\nexport default { policies: { [id]: {} } }\n"
    )
    writeFileSync(join(folder, 'gateway.yaml'), 'include: m.mjs\n')
  })
  await new Promise((resolve) => setTimeout(resolve, 100))
  writeFileSync(join(cwd, 'deep.mjs'), "export const id = 'b'\n")
  assert.match((await next()) ?? '', /^(b|a module that the configuration imports has changed: Node 20\.)/)
})

test('what could not be read is tried again, though nothing changes', bounded, async (t) => {
  const { cwd, file, next } = await watched(t, 'a')
  const module = join(cwd, 'm.mjs')
  writeFileSync(module, 'export default () => { if (!globalThis.isUp) throw new Error("down"); return {} }\n')
  writeFileSync(file, `include: m.mjs\n${text('b')}`)
  assert.match((await next()) ?? '', /^m\.mjs:1:1 {2}the module cannot be loaded: down/)
  Object.assign(globalThis, { isUp: true })
  t.after(() => Reflect.deleteProperty(globalThis, 'isUp'))
  assert.equal(await next(), 'b')
})
