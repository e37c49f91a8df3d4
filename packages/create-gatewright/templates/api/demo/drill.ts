import { createApiKey } from '@gatewright/gateway'
import { buildGateway } from '../src/gateway.js'
import { runDrill } from './run-drill.js'

const { key, hash } = createApiKey()

process.exitCode = await runDrill(async (upstreams) => {
  const gateway = buildGateway({
    orders: upstreams,
    catalog: upstreams,
    keys: [{ hash, consumer: 'demo' }],
    probeEvery: '1s',
    ejection: '2s',
    breakerOpen: '1s',
    quota: 100_000,
    quiet: true
  })
  const url = await gateway.listen({ port: 0, host: '127.0.0.1' })
  return {
    url: `${url}/orders/1`,
    headers: { 'x-api-key': key },
    pool: 'orders',
    events: gateway.app.gateway.events,
    close: () => gateway.close()
  }
})
