import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gatewright } from '../support/command-line.js'

const OLD = `authentication: { schemes: { clients: { type: mtls } } }
pools:
  app: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { id: admin, path: /admin/*, pool: app, auth: clients }
  - { id: all, path: /*, pool: app, auth: false }
`
const NEW = OLD.replace('/admin/*', '/admin/:page').replace('path: /*,', 'path: /shop/*,')

const line = (method: string, path: string, route: string | null): string =>
  `${JSON.stringify({ level: 'info', method, path, host: 'a.test', route, status: 200 })}\n`
const LOG = [
  line('GET', '/admin/users', 'admin'),
  line('GET', '/admin/users/7', 'admin'),
  line('GET', '/shop/1', 'all'),
  line('GET', '/blog/1', 'all'),
  line('GET', '/blog/1', 'all'),
  'no JSON\n'
].join('')
const files = { 'old.yaml': OLD, 'new.yaml': NEW, 'access.log': LOG }
const replay = ['replay', 'access.log', '--old', 'old.yaml', '--new', 'new.yaml']

test('replay tells which requests of a log a change treats otherwise, the riskiest first', async (t) => {
  const { code, out } = await gatewright(t, replay, files)
  assert.equal(code, 0)
  assert.equal(
    out,
    `match-narrowed     2 requests route 'all', pool 'app' → 404
    GET a.test/blog/1
    and 1 more

match-narrowed     1 request route 'admin', pool 'app' → 404
    GET a.test/admin/users/7

requests: 5, treated the same: 2, otherwise: 3
lines that are no request of an access log in the format json: 1
`
  )
})

test('replay exits by the risk of what is treated otherwise, and prints JSON', async (t) => {
  for (const [risk, expected] of [
    ['any', 1],
    ['match-narrowed', 1],
    ['risky', 0]
  ] as const) {
    const { code } = await gatewright(t, [...replay, '--fail-on', risk], files)
    assert.equal(code, expected, risk)
  }
  const { out } = await gatewright(t, [...replay, '--json'], files)
  const { requests, same, skipped, unlike, missing, groups } = JSON.parse(out)
  assert.deepEqual([requests, same, skipped, unlike, missing, groups.length], [5, 2, 1, 0, [], 2])
})

test('replay reads several logs, and says which one is not there', async (t) => {
  const both = { ...files, 'more.log': line('GET', '/shop/2', 'all') }
  const { out } = await gatewright(t, [...replay, 'more.log'], both)
  assert.match(out, /requests: 6, treated the same: 3/)
  const gone = await gatewright(t, [...replay, 'gone.log'], files)
  assert.equal(gone.code, 2)
  assert.match(gone.err, /gone\.log: there is no such file/)
})
