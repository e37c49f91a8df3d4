import assert from 'node:assert/strict'
import { test } from 'node:test'
import { migrate } from '../migrate.js'
import { MigrationError, type MigrationNote } from '../migration.js'

const from = (text: string) =>
  migrate('express-gateway', { file: 'gateway.config.yml', text, read: () => undefined })
const told = (notes: readonly MigrationNote[]) =>
  notes.map(({ line, kind, what }) => `${line} ${kind} ${what}`)

const TEXT = `http:
  port: \${PORT:-8081}
apiEndpoints:
  ip: { host: localhost, paths: /ip }
  users: { paths: [/users, /users/*], methods: [GET, POST], scopes: [read] }
serviceEndpoints:
  one: { url: 'http://one:1' }
  two: { urls: ['http://a:1', 'http://b:2'] }
pipelines:
  ip:
    apiEndpoints: [ip]
    policies:
      - log: [{ action: { message: hello } }]
      - rate-limit: [{ action: { max: 10, windowMs: 120000, rateLimitBy: "\${req.ip}" } }]
      - cors: [{ action: { origin: 'https://a.example', credentials: true, maxAge: 600 } }]
      - proxy: [{ action: { serviceEndpoint: one, changeOrigin: false, stripPath: true } }]
  users:
    apiEndpoints: [users]
    policies:
      - key-auth:
      - proxy:
          - condition: { name: pathExact, path: /users/special }
            action: { serviceEndpoint: one }
          - action: { serviceEndpoint: two, stripPath: true, made: up }
`

test('pipelines become routes, with their policies', async () => {
  const { config } = await from(TEXT)
  assert.deepEqual(config.listen, { port: 8081 })
  assert.deepEqual(config.pools, {
    one: { endpoints: ['http://one:1'] },
    two: { endpoints: ['http://a:1', 'http://b:2'], balancing: 'round-robin' }
  })
  assert.deepEqual(config.routes?.[0], {
    id: 'ip',
    host: 'localhost',
    path: '/ip',
    caseSensitive: false,
    trailingSlash: 'ignore',
    pool: 'one',
    rateLimit: { limit: 10, window: '2m', algorithm: 'fixed-window', key: 'client', headers: 'legacy' },
    cors: { origins: ['https://a.example'], credentials: true, maxAge: '10m' },
    preserveHost: true,
    rewrite: { set: '/' }
  })
  const users = config.routes?.find(({ path }) => path === '/users/*')
  assert.deepEqual([users?.rewrite, users?.methods], [{ stripPrefix: '/users' }, ['GET', 'POST', 'HEAD']])
})

test('a route with a condition has the guards of its pipeline', async () => {
  const { config } = await from(TEXT)
  for (const route of config.routes?.slice(1) ?? []) {
    assert.equal(route.auth, 'keys', route.id)
    assert.deepEqual(route.authorize, { scopes: ['read'] }, route.id)
  }
})

test('every statement is translated or told', async () => {
  const { notes } = await from(TEXT)
  assert.deepEqual(
    [...new Set(told(notes))],
    [
      '13 not-needed log',
      '20 closed key-auth',
      '24 left-out pipelines.users.policies[1].proxy[1].action.made',
      '22 left-out /users/special'
    ].sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
  )
})

test('a policy that is not known closes its routes', async () => {
  const { config, notes } = await from(TEXT.replace('- log:', '- my-guard:'))
  assert.deepEqual([config.routes?.[0]?.respond?.status, config.routes?.[0]?.pool], [403, undefined])
  assert.equal(notes.find(({ line }) => line === 13)?.kind, 'closed')
})

test('an endpoint that the environment names leads nowhere until it is written', async () => {
  const { config, notes } = await from(TEXT.replace("'http://one:1'", "'$" + "{ONE}'"))
  assert.deepEqual(config.pools?.one, { endpoints: ['http://one.invalid'] })
  assert.ok(notes.some(({ line, kind }) => line === 7 && kind === 'left-out'))
})

test('what is no gateway.config.yml is told', async () => {
  for (const text of ['a: 1', '- a', 'a: [']) await assert.rejects(from(text), MigrationError)
})
