import { createApiKey } from '@gatewright/gateway'
import { buildGateway } from './gateway.js'
import { readSettings, type Settings } from './settings.js'

try {
  const settings = readSettings(process.env)
  const { keys, key, ...services } = await demo(settings)
  const gateway = buildGateway({ ...settings, ...services, keys })
  const url = `http://localhost:${new URL(await gateway.listen({ port: settings.port })).port}`
  if (key !== null)
    console.error(`The gateway answers on ${url}; Ctrl-C stops it. Try:
  curl -i ${url}/orders/1 -H 'x-api-key: ${key}'`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

// So that `npm start` answers before there are services and keys. Delete it with the folder `demo`.
async function demo({ production, orders, catalog }: Settings) {
  if (production) return { orders, catalog, keys: [], key: null }
  const { startTwo } = await import('../demo/upstream.js')
  const { key, hash, id } = createApiKey({ prefix: 'demo' })
  if (orders.length === 0) console.error('ORDERS is not set: two demonstration services answer')
  if (catalog.length === 0) console.error('CATALOG is not set: two demonstration services answer')
  return {
    orders: orders.length > 0 ? orders : await startTwo(['orders-a', 'orders-b']),
    catalog: catalog.length > 0 ? catalog : await startTwo(['catalog-a', 'catalog-b']),
    keys: [{ id, hash, consumer: 'demo' }],
    key
  }
}
