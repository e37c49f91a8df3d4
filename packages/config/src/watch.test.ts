import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
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
