import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { migrate } from '@gatewright/migrate'
import { fakeUpstream } from '@gatewright/testing'
import express from 'express'
import { createProxyMiddleware } from 'http-proxy-middleware'
import { assertAlike, type Probe } from '../support/compared-proxies.js'
import { startGateway } from '../support/start-gateway.js'

const APP = `
  const A = 'http://A'
  const common = { target: A, changeOrigin: true }
  app.use('/plain', createProxyMiddleware(common))
  app.use('/host', createProxyMiddleware({ target: 'http://B', headers: { 'X-Added': 'yes' } }))
  app.use('/api', createProxyMiddleware({ target: 'http://A/v1', changeOrigin: true }))
  app.use('/front', createProxyMiddleware({ ...common, pathRewrite: { '^/': '/behind/' } }))
  app.use('/rules', createProxyMiddleware({ ...common, pathRewrite: { '^/old': '/new', '^/gone/': '/' } }))
  app.get('/one', createProxyMiddleware({ target: \`\${A}\`, changeOrigin: true }))
  app.use('/events', createProxyMiddleware({
    ...common,
    on: {
      proxyReq: (proxyReq) => { proxyReq.setHeader('x-event', 'set'); proxyReq.removeHeader('x-user') },
      proxyRes: (proxyRes) => { proxyRes.headers['x-answer'] = '42' }
    }
  }))
  app.use(createProxyMiddleware({ ...common, pathFilter: '/filtered' }))
  app.use(createProxyMiddleware({ ...common, pathFilter: ['/globs/**', '/more/**'], pathRewrite: { '^/more': '' } }))
  app.use('/router', createProxyMiddleware({ ...common, router: { 'other.example': 'http://B', '/b': 'http://B' } }))
`

const PATHS = [
  '/plain',
  '/plain/',
  '/plain/a/b',
  '/plain/a?x=1',
  '/plains',
  '/host/x',
  '/host/?y',
  '/api/users/7',
  '/api/?q=1',
  '/api',
  '/front/x',
  '/front/x/y?z',
  '/front/',
  '/rules/old',
  '/rules/old/x',
  '/rules/older',
  '/rules/other',
  '/rules/gone/x?a=b',
  '/one',
  '/one/',
  '/one/x',
  '/one?x=1',
  '/events/x',
  '/filtered',
  '/filtered/x',
  '/globs/a/b',
  '/more/x/y',
  '/more/x?z=1',
  '/router/x',
  '/router/b/x',
  '/none',
  '/'
]

/** The app of `code`, on a free port. */
async function startExpress(t: TestContext, code: string): Promise<string> {
  const app = express()
  new Function('app', 'createProxyMiddleware', code)(app, createProxyMiddleware)
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('what is translated from http-proxy-middleware does what an app with it does, over 200 requests', {
  timeout: 60_000
}, async (t) => {
  const [a, b] = [await fakeUpstream(t, { body: 'a' }), await fakeUpstream(t, { body: 'b' })]
  const code = APP.replaceAll('http://A', a.url).replaceAll('http://B', b.url)
  const { config } = await migrate('http-proxy-middleware', {
    file: 'app.js',
    text: code,
    read: () => undefined
  })
  const gateway = await startGateway(t, config)
  const probes: readonly Probe[] = ['GET', 'POST', 'PUT', 'DELETE']
    .flatMap((method) =>
      ['any.example', 'other.example'].flatMap((host) =>
        PATHS.map((path) => ({
          method,
          path,
          headers: { host, 'x-user': 'joe' },
          ...(method === 'POST' ? { body: 'text' } : {})
        }))
      )
    )
    .filter(({ method, path }) => method === 'GET' || !path.startsWith('/one'))
  assert.ok(probes.length >= 200)
  await assertAlike(
    [await startExpress(t, code), gateway.url],
    probes,
    { a, b },
    {
      response: ['x-answer'],
      request: ['host', 'x-user', 'x-added', 'x-event']
    }
  )
})
