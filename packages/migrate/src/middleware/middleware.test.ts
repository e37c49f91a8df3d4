import assert from 'node:assert/strict'
import { test } from 'node:test'
import { migrate } from '../migrate.js'
import { MigrationError, type MigrationNote } from '../migration.js'

const from = (text: string, files: Readonly<Record<string, string>> = {}, file = 'src/app.js') =>
  migrate('http-proxy-middleware', { file, text, read: (path) => files[path] })
const told = (notes: readonly MigrationNote[]) =>
  notes.filter(({ what }) => what !== 'limits').map(({ line, kind, what }) => `${line} ${kind} ${what}`)

test('code is told by its lines, and none of it is run', async () => {
  const { notes } = await from(`
const { createProxyMiddleware } = require('http-proxy-middleware')
app.get('/own', (req, res) => res.end())
app.use('/a', createProxyMiddleware({
  target: 'http://a',
  pathRewrite: async () => '/',
  ws: true,
  made: 'up',
  on: {
    proxyReq(proxyReq, req) {
      proxyReq.setHeader('x-a', 'b')
      proxyReq.setHeader('x-user', req.user.id)
    },
    error: () => {}
  }
}))`)
  assert.deepEqual(told(notes), [
    '3 left-out app.get(/own, a function)',
    '6 left-out pathRewrite',
    '7 left-out ws',
    '8 left-out made',
    '12 left-out on.proxyReq',
    '14 left-out on.error'
  ])
})

test('a version before 3 forwards the whole path, and its package.json says so', async () => {
  const text = "app.use('/api', createProxyMiddleware({ target: 'http://a' }))"
  const rewriteWith = async (files: Readonly<Record<string, string>>) =>
    (await from(text, files)).config.routes?.[0]?.rewrite
  assert.deepEqual(await rewriteWith({}), { stripPrefix: '/api' })
  assert.equal(await rewriteWith({ 'package.json': '{ "http-proxy-middleware": "^2.0.6" }' }), undefined)
})

test('a handler in front of a proxy that may refuse requests closes its route', async () => {
  const { config, notes } = await from(`
app.use('/a', cors(), checkUser, createProxyMiddleware({ target: 'http://a' }))
app.use('/b', cors(), createProxyMiddleware({ target: 'http://a' }))
app.use(passport.authenticate('jwt'))
app.use('/c', createProxyMiddleware({ target: 'http://a' }))`)
  assert.deepEqual(
    config.routes?.map(({ path, respond }) => [path, respond?.status]),
    [
      ['/a/*', 403],
      ['/b/*', undefined],
      ['/c/*', 403]
    ]
  )
  assert.deepEqual(
    notes.filter(({ kind }) => kind === 'closed').map(({ line, what }) => [line, what]),
    [
      [2, 'checkUser'],
      [5, 'authenticate']
    ]
  )
})

test('TypeScript, constants and defaults of the environment are read', async () => {
  const { config, notes } = await from(
    `import { createProxyMiddleware, type Options } from 'http-proxy-middleware'
const HOST: string = process.env.HOST ?? 'a.example'
const options: Options = { target: \`http://\${HOST}:81/base\`, changeOrigin: true }
export default createProxyMiddleware(options as Options)
app.use('/env', createProxyMiddleware({ target: process.env.OTHER_URL }))`,
    {},
    'src/app.ts'
  )
  assert.deepEqual(config.pools, {
    'a.example-81-base': { endpoints: ['http://a.example:81/base'] },
    'other-url': { endpoints: ['http://other-url.invalid'] }
  })
  assert.ok(notes.some(({ line, kind, what }) => line === 2 && kind === 'differs' && what === 'HOST'))
})

test('of two proxies for the same requests the first one counts, as in an app', async () => {
  const { config } = await from(`
app.use('/a', createProxyMiddleware({ target: 'http://first' }))
app.use('/a', createProxyMiddleware({ target: 'http://second' }))`)
  assert.deepEqual(
    config.routes?.map(({ pool }) => pool),
    ['first']
  )
})

test('a file that makes no proxy, or is no code, is told', async () => {
  for (const text of ['const a = 1', 'const = 1']) await assert.rejects(from(text), MigrationError)
})

test('what a filter excludes is not forwarded, and a function that answers in front of a path closes it', async () => {
  const { config } = await from(`
app.use(createProxyMiddleware({ target: 'http://a', pathFilter: ['/api/**', '!/api/secret/**'] }))
app.use('/b', (req, res, next) => { if (!req.user) return res.sendStatus(401); next() })
app.use('/b/c', createProxyMiddleware({ target: 'http://a' }))
app.use('/d', createProxyMiddleware({ target: 'http://a' }))`)
  assert.deepEqual(
    config.routes?.map(({ path, respond }) => [path, respond?.status]),
    [
      ['/api/*', undefined],
      ['/api/secret/*', 404],
      ['/b/c/*', 403],
      ['/d/*', undefined]
    ]
  )
})
