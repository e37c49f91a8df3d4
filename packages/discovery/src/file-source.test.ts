import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rename, rm, stat, symlink, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { Events, Pool } from '@gatewright/core'
import { virtualTime } from '@gatewright/testing'
import { FileSource, type Files } from './file-source.js'
import { SourceLoop } from './source-loop.js'

const OLD = 'http://old.test'
const NEW = 'http://new.test'
const list = (...urls: string[]): string => JSON.stringify(urls)

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'gatewright-file-'))
  t.after(() => rm(path, { recursive: true }))
  return path
}

/** A pool that follows a file, on virtual time. */
async function follow(t: TestContext, file: string, changes: Partial<Files> = {}) {
  const time = virtualTime()
  const { timers } = time
  const events = new Events()
  const told: string[] = []
  events.on('discovery_failed', ({ error }) => void told.push((error as Error).message))
  const pool = new Pool('p', [], { pick: ([first]) => first }, {} as never)
  let reading = 0
  const counted = async <T>(work: Promise<T>): Promise<T> => {
    reading++
    return work.finally(() => reading--)
  }
  const files: Files = {
    stat: (path, options) => counted(stat(path, options)),
    readFile: (path, encoding) => counted(readFile(path, encoding)),
    ...changes
  }
  const loop = new SourceLoop(
    pool,
    { timers, events, chance: () => 0.5 },
    new FileSource(file, timers, files)
  )
  t.after(() => loop.stop())
  loop.start()
  const urls = (): string => pool.endpoints.map(({ url }) => url).join()
  // Files are read in real time: virtual time stands still until that is over.
  const read = async (): Promise<void> => {
    do await setImmediate()
    while (reading > 0)
  }
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 500) {
      time.advance(500)
      await read()
    }
  }
  await read()
  return { told, urls, pass }
}

const bounded = { timeout: 20_000 }

test('a list behind a link that is swapped is read again: the layout of a ConfigMap', bounded, async (t) => {
  const root = await folder(t)
  const publish = async (name: string, text: string): Promise<void> => {
    await mkdir(join(root, name))
    await writeFile(join(root, name, 'endpoints.json'), text)
    await symlink(name, join(root, '..data_tmp'))
    await rename(join(root, '..data_tmp'), join(root, '..data'))
  }
  await publish('..2026_1', list(OLD))
  await symlink('..data/endpoints.json', join(root, 'endpoints.json'))
  const { urls, pass } = await follow(t, join(root, 'endpoints.json'))
  assert.equal(urls(), OLD)
  await publish('..2026_2', list(NEW))
  await rm(join(root, '..2026_1'), { recursive: true })
  await pass(1_500)
  assert.equal(urls(), NEW)
  await publish('..2026_3', list(OLD, NEW))
  await pass(1_500)
  assert.equal(urls(), `${OLD},${NEW}`)
})

test('a release behind a link is followed', bounded, async (t) => {
  const root = await folder(t)
  for (const [name, url] of [
    ['r1', OLD],
    ['r2', NEW]
  ] as const) {
    await mkdir(join(root, name, 'conf'), { recursive: true })
    await writeFile(join(root, name, 'conf', 'endpoints.json'), list(url))
  }
  await symlink('r1', join(root, 'current'))
  const { urls, pass } = await follow(t, join(root, 'current', 'conf', 'endpoints.json'))
  assert.equal(urls(), OLD)
  await unlink(join(root, 'current'))
  await symlink('r2', join(root, 'current'))
  await pass(1_500)
  assert.equal(urls(), NEW)
})

test(
  'a folder that is replaced is followed, and a file that is gone meanwhile changes nothing',
  bounded,
  async (t) => {
    const root = await folder(t)
    const file = join(root, 'conf', 'endpoints.json')
    await mkdir(join(root, 'conf'))
    await writeFile(file, list(OLD))
    const { told, urls, pass } = await follow(t, file)
    assert.equal(urls(), OLD)
    await rm(join(root, 'conf'), { recursive: true })
    await pass(1_500)
    assert.match(told[0] ?? '', /ENOENT/)
    assert.equal(urls(), OLD)
    // Missing for minutes: it is told ever more rarely, and still found at once when it is back.
    await pass(600_000)
    assert.ok(told.length < 40, `told ${told.length} times in ten minutes`)
    await mkdir(join(root, 'conf'))
    await writeFile(file, list(NEW))
    await pass(1_500)
    assert.equal(urls(), NEW)
  }
)

test(
  'a file that is written in place is read again, and a wrong one as soon as it is mended',
  bounded,
  async (t) => {
    const file = join(await folder(t), 'endpoints.json')
    await writeFile(file, list(OLD))
    const { told, urls, pass } = await follow(t, file)
    assert.equal(urls(), OLD)
    await writeFile(file, '["http://new')
    await pass(200_000)
    assert.match(told[0] ?? '', /endpoints\.json is not JSON$/)
    assert.equal(urls(), OLD)
    await writeFile(file, list(NEW))
    await pass(1_500)
    assert.equal(urls(), NEW)
  }
)

test('a change that no look can tell is read within a minute', bounded, async (t) => {
  const file = join(await folder(t), 'endpoints.json')
  await writeFile(file, list(OLD))
  const same = await stat(file, { bigint: true })
  const { urls, pass } = await follow(t, file, { stat: async () => same })
  await writeFile(file, list(NEW))
  await pass(59_000)
  assert.equal(urls(), OLD)
  await pass(2_000)
  assert.equal(urls(), NEW)
})

test('a file system that hangs is asked twice at most', bounded, async (t) => {
  const file = join(await folder(t), 'endpoints.json')
  await writeFile(file, list(OLD))
  let looks = 0
  const hangs: Files['stat'] = (path, options) =>
    looks++ === 0 ? stat(path, options) : new Promise(() => {})
  const { urls, pass } = await follow(t, file, { stat: hangs })
  await pass(600_000)
  assert.deepEqual([urls(), looks], [OLD, 3])
})

test('a list has weights from 0 to 65535, and nothing that is not known', bounded, async (t) => {
  const file = join(await folder(t), 'endpoints.json')
  const read = async (entry: unknown): Promise<unknown> => {
    await writeFile(file, JSON.stringify([entry]))
    for await (const { endpoints } of new FileSource(file, virtualTime().timers).find()) return endpoints[0]
    return undefined
  }
  for (const weight of [0, 65_535]) assert.deepEqual(await read({ url: OLD, weight }), { url: OLD, weight })
  for (const wrong of [
    { url: OLD, weight: -1 },
    { url: OLD, weight: 65_536 },
    { url: OLD, weight: 1.5 },
    { url: OLD, weight: '1' },
    { url: OLD, authority: 1 },
    { url: OLD, wieght: 1 },
    { weight: 1 },
    null,
    7,
    [OLD]
  ])
    await assert.rejects(read(wrong), /must be a list of URLs or of \{ url, weight, authority \}/)
})
