import assert from 'node:assert/strict'
import { test } from 'node:test'
import { core } from '@gatewright/core'
import Fastify from 'fastify'
import { retry } from './plugin.js'

async function compiledTwice(pool: object): Promise<number[]> {
  const app = Fastify()
  await app.register(core, { config: { pools: { p: { endpoints: ['http://a.test'], ...pool } } } })
  await app.register(retry)
  app.get('/x', { config: { gateway: { pool: 'p' } } }, async () => 'x')
  await app.ready()
  await app.gateway.apply()
  const { observers, filters } = app.gateway.snapshot.stages
  await app.close()
  return [observers.length, filters.length]
}

test('retries are observed once, however often the configuration is compiled', async () => {
  assert.deepEqual(await compiledTwice({ retry: 'safe' }), [1, 1])
})

test('where nothing is retried, nothing is asked', async () => {
  assert.deepEqual(await compiledTwice({}), [0, 0])
})
