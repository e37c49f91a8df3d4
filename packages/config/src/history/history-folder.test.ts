import assert from 'node:assert/strict'
import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type HistoryFolder, loadConfig, openHistory } from '../index.js'

const ENV = { KEY: '0123456789abcdef', APP_TOKEN: 'hunter2hunter2' }
const says = (body: string): string => `routes: [{ id: a, path: /a, respond: { body: ${body} } }]\n`

interface Project {
  readonly cwd: string
  readonly history: HistoryFolder
  write(name: string, text: string): void
  read(name: string): string
  ran(...places: string[]): ReturnType<HistoryFolder['add']>
}

async function project(t: TestContext, options: { readonly most?: number } = {}): Promise<Project> {
  const cwd = mkdtempSync(join(tmpdir(), 'gatewright-history-'))
  t.after(() => rmSync(cwd, { recursive: true }))
  const history = await openHistory('history', { cwd, env: ENV, now: () => 0, ...options })
  return {
    cwd,
    history,
    write: (name, text) => writeFileSync(join(cwd, name), text),
    read: (name) => readFileSync(join(cwd, name), 'utf8'),
    async ran(...places) {
      return await history.add(await loadConfig(places, { cwd, env: ENV }), places, { source: places.join() })
    }
  }
}

test('versions are listed with their origin, and go on counting after a restart', async (t) => {
  const { cwd, write, ran } = await project(t)
  write('gateway.yaml', says('one'))
  const first = await ran('gateway.yaml')
  assert.deepEqual(first, {
    revision: 1,
    parent: null,
    id: first.id,
    missing: null,
    at: '1970-01-01T00:00:00.000Z',
    author: null,
    reason: null,
    source: 'gateway.yaml'
  })
  const again = await openHistory('history', { cwd })
  write('gateway.yaml', says('two'))
  const loaded = await loadConfig('gateway.yaml', { cwd })
  await again.add(loaded, ['gateway.yaml'], { author: 'ada', reason: 'try' })
  assert.deepEqual(
    (await again.versions()).map(({ revision, parent, author, reason }) => [
      revision,
      parent,
      author,
      reason
    ]),
    [
      [1, null, null, null],
      [2, 1, 'ada', 'try']
    ]
  )
})

test('a start with what ran last is no new version', async (t) => {
  const { cwd, history, write, ran } = await project(t)
  write('gateway.yaml', says('one'))
  await ran('gateway.yaml')
  const loaded = await loadConfig('gateway.yaml', { cwd })
  assert.equal((await history.begin(loaded, ['gateway.yaml'])).revision, 1)
  write('gateway.yaml', says('two'))
  assert.equal((await history.begin(await loadConfig('gateway.yaml', { cwd }), ['gateway.yaml'])).revision, 2)
})

test('a version is read as it was, and written back file by file', async (t) => {
  const { cwd, history, write, read, ran } = await project(t)
  mkdirSync(join(cwd, 'routes.d'))
  write('gateway.yaml', 'include: routes.d\n')
  write('routes.d/a.yaml', says('one'))
  await ran('gateway.yaml')
  write('routes.d/a.yaml', says('two'))
  await ran('gateway.yaml')
  assert.match(JSON.stringify((await history.load(1)).config), /"body":"one"/)
  const { written, removed } = await history.restore(1, { author: 'ada', reason: 'back' })
  assert.deepEqual([written, removed], [[join(cwd, 'routes.d/a.yaml')], []])
  assert.equal(read('routes.d/a.yaml'), says('one'))
  const third = await ran('gateway.yaml')
  assert.deepEqual([third.revision, third.author, third.reason], [3, 'ada', 'back'])
  assert.deepEqual((await ran('gateway.yaml')).author, null)
})

test('files that have come since then are removed only when that is asked for', async (t) => {
  const { cwd, history, write, ran } = await project(t)
  mkdirSync(join(cwd, 'routes.d'))
  write('routes.d/a.yaml', says('one'))
  await ran('routes.d')
  write('routes.d/b.yaml', 'policies: {}\n')
  await ran('routes.d')
  const late = join(cwd, 'routes.d/b.yaml')
  await assert.rejects(history.restore(1), { message: `remove must be true: there was no ${late} then` })
  assert.deepEqual((await history.restore(1, { remove: true })).removed, [late])
  assert.deepEqual(readdirSync(join(cwd, 'routes.d')), ['a.yaml'])
})

test('what is written back keeps links and modes', async (t) => {
  const { cwd, history, write, read, ran } = await project(t)
  write('real.yaml', says('one'))
  symlinkSync('real.yaml', join(cwd, 'gateway.yaml'))
  await ran('gateway.yaml')
  writeFileSync(join(cwd, 'real.yaml'), says('two'))
  await history.restore(1)
  assert.ok(lstatSync(join(cwd, 'gateway.yaml')).isSymbolicLink())
  assert.equal(read('real.yaml'), says('one'))
  assert.equal(statSync(join(cwd, 'real.yaml')).mode & 0o777, 0o644)
})

test('secrets behind references are in no file of it, and are read as they are', async (t) => {
  const { cwd, history, write, ran } = await project(t)
  write('secret', 'first-secret\n')
  const body = `"\${file:secret} \${APP_TOKEN} \${KEY}"`
  write('gateway.yaml', says(body))
  await ran('gateway.yaml')
  for (const name of readdirSync(join(cwd, 'history')))
    assert.doesNotMatch(readFileSync(join(cwd, 'history', name), 'utf8'), /first-secret|hunter2|0123456789/)
  write('secret', 'second-secret\n')
  assert.match(JSON.stringify((await history.load(1)).config), /second-secret hunter2hunter2/)
})

const CLEAR: readonly [what: string, text: string, path: string][] = [
  [
    'a marked key',
    `authentication: { schemes: { a: { type: basic, users: { ada: correcthorse } } } }\n`,
    'authentication.schemes.a.users.ada'
  ],
  [
    'a key of several lines',
    `pools: { a: { endpoints: ['https://a'], tls: { cert: x, key: "-----BEGIN\\nabcdefghij\\n-----END" } } }\n`,
    'pools.a.tls.key'
  ],
  [
    'a default',
    `pools: { a: { endpoints: ['https://a'], tls: { key: "\${NONE:-abcdefghij}" } } }\n`,
    'pools.a.tls.key'
  ],
  [
    'a password in a URL',
    `pools: { a: { endpoints: ['https://ada:correcthorse@a'] } }\n`,
    'pools.a.endpoints[0]'
  ],
  [
    'a field',
    `routes: [{ path: /, transform: { request: { headers: { set: { x-api-key: correcthorse } } } } }]\n`,
    'routes[0].transform.request.headers.set.x-api-key'
  ]
]
for (const [what, text, path] of CLEAR)
  test(`a version with a secret in clear is listed without its content: ${what}`, async (t) => {
    const { cwd, history, write, ran } = await project(t)
    write('gateway.yaml', text)
    const { id, missing } = await ran('gateway.yaml')
    assert.equal(id, null)
    assert.equal(missing, `a secret stands in it in clear (${path}); \${NAME} or \${file:…} keeps it out`)
    assert.deepEqual(readdirSync(join(cwd, 'history')), ['versions.jsonl'])
    await assert.rejects(history.load(1), /the version must be one whose content is kept: a secret stands/)
  })

test('names that say where something is found, and hashes, are no secrets', async (t) => {
  const { write, ran } = await project(t)
  write(
    'gateway.yaml',
    `pools: { a: { endpoints: ['http://a'], balancing: { type: hash, by: { cookie: session } } } }\nrateLimit: { key: client }\nauthentication: { schemes: { a: { type: basic, users: { ada: '$scrypt$ln=15,r=8,p=1$c2FsdA$aGFzaGFzaA' } } } }\n`
  )
  assert.equal((await ran('gateway.yaml')).missing, null)
})

test('code and servers are listed without content', async (t) => {
  const { write, ran } = await project(t)
  write('gateway.mjs', 'export default { routes: [] }\n')
  assert.equal((await ran('gateway.mjs')).missing, 'gateway.mjs is code')
})

test('only so many versions are kept, and the contents that none of them has go', async (t) => {
  const { cwd, history, write, ran } = await project(t, { most: 3 })
  for (let i = 0; i < 20; i++) {
    write('gateway.yaml', says(`v${i}`))
    await ran('gateway.yaml')
    assert.ok((await history.versions()).length < 6)
  }
  const kept = await history.versions()
  assert.equal(kept.at(-1)?.revision, 20)
  assert.equal(readdirSync(join(cwd, 'history')).length, kept.length + 1)
  for (const { revision } of kept) await history.load(revision)
})

test('a line that a crash has cut loses no other version, and none that comes', async (t) => {
  const { cwd, history, write, ran } = await project(t)
  write('gateway.yaml', says('one'))
  await ran('gateway.yaml')
  appendFileSync(join(cwd, 'history/versions.jsonl'), '{"revision":2,"id":"abc')
  await ran('gateway.yaml')
  assert.deepEqual(
    (await history.versions()).map(({ revision }) => revision),
    [1, 2]
  )
})

test('a content that was changed is refused', async (t) => {
  const { cwd, history, write, ran } = await project(t)
  write('gateway.yaml', says('one'))
  const { id } = await ran('gateway.yaml')
  const file = join(cwd, `history/${id}.json`)
  writeFileSync(file, readFileSync(file, 'utf8').replace('one', 'two'))
  await assert.rejects(history.load(1), /the version must be as it was written: .* has been changed/)
})

test('the folder and its files are for their owner alone', async (t) => {
  const { cwd, write, ran } = await project(t)
  write('gateway.yaml', says('one'))
  await ran('gateway.yaml')
  const modeOf = (path: string): string => (statSync(join(cwd, path)).mode & 0o777).toString(8)
  assert.equal(modeOf('history'), '700')
  for (const name of readdirSync(join(cwd, 'history'))) assert.equal(modeOf(`history/${name}`), '600')
})

test('changes that are added at once are all listed, in order', async (t) => {
  const { cwd, history, write } = await project(t)
  write('gateway.yaml', says('one'))
  const loaded = await loadConfig('gateway.yaml', { cwd })
  await Promise.all(Array.from({ length: 20 }, () => history.add(loaded, ['gateway.yaml'])))
  assert.deepEqual(
    (await history.versions()).map(({ revision }) => revision),
    Array.from({ length: 20 }, (_, index) => index + 1)
  )
})
