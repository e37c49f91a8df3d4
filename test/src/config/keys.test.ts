import assert from 'node:assert/strict'
import { test } from 'node:test'
import { core, type GatewayConfig, type KeyPlace } from '@gatewright/core'
import { createGateway } from '@gatewright/gateway'
import Fastify from 'fastify'
import { fragments } from '../support/config-schemas.js'

const all = await fragments()
const PLACES: readonly KeyPlace[] = ['gateway', 'pool', 'policy', 'route']

test('a gateway has the keys of every package, where their schemas say, in the order of the pipeline', async (t) => {
  const gateway = createGateway({ logger: false })
  t.after(() => gateway.close())
  await gateway.ready()
  const { keys } = gateway.app.gateway
  for (const place of PLACES)
    assert.deepEqual(
      [...keys.at(place).values()].map(({ name, plugin }) => `${plugin} ${name}`),
      all.flatMap(({ name, keys }) =>
        Object.entries(keys).flatMap(([key, { on }]) =>
          on.includes(place) ? [`@gatewright/${name} ${key}`] : []
        )
      ),
      place
    )
})

const given = (key: string, place: KeyPlace): object => {
  const layer = { [key]: {} }
  if (place === 'gateway') return layer
  if (place === 'pool') return { pools: { a: layer } }
  return place === 'policy' ? { policies: { p: layer } } : { routes: [{ path: '/', pool: 'a', ...layer }] }
}

for (const { name, keys } of all.filter(({ name }) => name !== 'gateway'))
  for (const [key, { on }] of Object.entries(keys))
    for (const place of on)
      test(`${key} of a ${place} is told to need @gatewright/${name} where that is not registered`, async (t) => {
        const app = Fastify()
        t.after(() => app.close())
        app.register(core, { config: given(key, place) as GatewayConfig })
        await assert.rejects(
          async () => app.ready(),
          ({ message }: Error) => message.includes(`${key}: needs the plugin '@gatewright/${name}'`)
        )
      })
