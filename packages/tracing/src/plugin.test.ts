import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { core } from '@gatewright/core'
import Fastify, { type FastifyInstance } from 'fastify'
import { tracing } from './plugin.js'

async function plain(t: TestContext): Promise<FastifyInstance> {
  const app = Fastify()
  t.after(() => app.close())
  await app.register(core, { config: {} })
  return app
}

test('without an SDK nothing is added to requests', async (t) => {
  const app = await plain(t)
  await app.register(tracing)
  await app.ready()
  const { admissions, observers, exchangeObservers } = app.gateway.snapshot.stages
  assert.deepEqual([admissions.length, observers.length, exchangeObservers.length], [0, 0, 0])
})

test('options are refused, with the place where they belong', async (t) => {
  const app = await plain(t)
  await assert.rejects(
    async () => await app.register(tracing, { exporter: 'otlp' } as never),
    /the SDK has them/
  )
})
