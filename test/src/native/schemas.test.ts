import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { createGateway } from '@gatewright/gateway'

const silent = { logger: false, accessLog: false } as const

test('schemas of native routes are compiled as Fastify does: header names in any case, coercion, defaults, responses', async (t) => {
  const gateway = createGateway({ ...silent })
  t.after(() => gateway.close())
  const integer = { type: 'integer' }
  gateway.app.get(
    '/counted',
    {
      schema: {
        headers: { type: 'object', required: ['X-Count'], properties: { 'X-Count': integer } },
        querystring: { type: 'object', properties: { page: { ...integer, default: 1 } } },
        response: { 200: { type: 'object', properties: { count: integer, page: integer } } }
      }
    },
    async ({ headers, query }) => ({
      count: headers['x-count'],
      page: (query as { page: number }).page,
      secret: 1
    })
  )
  const ask = (headers: Record<string, string>) => gateway.inject({ url: '/counted', headers })
  assert.deepEqual((await ask({ 'X-Count': '7' })).json(), { count: 7, page: 1 })
  assert.equal((await ask({ 'X-Count': 'seven' })).statusCode, 400)
  assert.equal((await ask({})).statusCode, 400)
})

test('a compiler of the app’s own is given schemas as they are written', async (t) => {
  const gateway = createGateway({ ...silent })
  t.after(() => gateway.close())
  const given: unknown[] = []
  gateway.app.setValidatorCompiler(({ schema }) => {
    given.push(schema)
    return () => true
  })
  const headers = { 'X-Count': 'anything' }
  gateway.app.get('/own', { schema: { headers } }, async () => 'well')
  assert.equal((await gateway.inject({ url: '/own' })).body, 'well')
  for (const schema of given) assert.deepEqual(schema, headers)
  assert.ok(given.length > 0)
})

test('without a schema the start loads no compiler of schemas', () => {
  const script = `
    import { createRequire } from 'node:module'
    const { createGateway } = await import('@gatewright/gateway')
    const gateway = createGateway({ pools: { a: { endpoints: ['http://127.0.0.1:1'] } }, routes: [{ path: '/*', pool: 'a' }], logger: false })
    gateway.app.get('/native', async () => 'well')
    await gateway.ready()
    const loaded = Object.keys(createRequire(process.cwd() + '/x.js').cache)
    console.log(JSON.stringify([loaded.some((f) => f.includes('/fastify/')), loaded.filter((f) => /ajv|stringify-compiler/.test(f))]))
    process.exit()`
  const told = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
    encoding: 'utf8'
  })
  assert.deepEqual(JSON.parse(told.trim().split('\n').at(-1) ?? ''), [true, []])
})
