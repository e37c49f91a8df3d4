import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGateway, type RouteHandler } from '@gatewright/gateway'

const length: RouteHandler = async ({ exchange }) => ({ length: (await exchange?.buffer(10_000))?.length })

test("a handler that reads a body gets no more than its route's bodyLimit allows", async (t) => {
  const gateway = createGateway({
    logger: false,
    accessLog: false,
    routes: [
      { path: '/limited', handler: length, bodyLimit: '10B' },
      { path: '/unlimited', handler: length, bodyLimit: false }
    ]
  })
  t.after(() => gateway.close())
  const send = async (url: string, bytes: number) => {
    const { statusCode, body } = await gateway.inject({ method: 'POST', url, payload: 'x'.repeat(bytes) })
    return [statusCode, JSON.parse(body).reason ?? JSON.parse(body).length]
  }
  assert.deepEqual(await send('/limited', 10), [200, 10])
  assert.deepEqual(await send('/limited', 11), [413, 'body_too_large'])
  assert.deepEqual(await send('/unlimited', 10_000), [200, 10_000])
  assert.deepEqual(await send('/unlimited', 10_001), [413, 'body_too_large'])
})
