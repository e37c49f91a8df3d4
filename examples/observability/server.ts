import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createGateway } from '@gatewright/gateway'
import { startShop } from './shop.js'

const {
  PORT = '8080',
  PROBES = '8085',
  PERIOD = '30',
  FOLDER = join(import.meta.dirname, '..')
} = process.env
const shop = await startShop(Number(PERIOD) * 1_000)

const gateway = createGateway({
  probes: { port: Number(PROBES), host: '127.0.0.1' },
  metrics: { slo: { availability: 99.5, latency: '300ms' } },
  flightRecorder: true,
  // All that went wrong, and one in a hundred of the rest.
  accessLog: { successes: 1, slow: '1s', format: 'pretty' }
})
  .pool('shop', {
    endpoints: shop.urls,
    circuitBreaker: { window: '2s', minRequests: 10, openDuration: '5s' },
    concurrency: { max: 200 }
  })
  .route('/shop/*', { id: 'shop', pool: 'shop', retry: 'safe', timeouts: { perTry: '500ms' } })

const url = await gateway.listen({ port: Number(PORT), host: '127.0.0.1' })
const metrics = `http://127.0.0.1:${gateway.probePort}/metrics`

// What Prometheus and Grafana need for this very configuration.
for (const file of ['rules.yml', 'dashboard.json'])
  await writeFile(join(FOLDER, file), await (await fetch(`${metrics}/${file}`)).text())

console.log(`gateway ${url}/shop/…, metrics ${metrics}`)

// Clients, until the program is stopped. The shop fails for ten of every thirty seconds.
const ended = { yet: false }
process.once('SIGINT', () => {
  ended.yet = true
})
let told = false
while (!ended.yet) {
  const response = await fetch(`${url}/shop/items/${Math.ceil(Math.random() * 9)}`)
  await response.text()
  if (response.status === 503 && !told) {
    told = true
    console.log(`\nThe first 503, and why:\n${gateway.why(response.headers.get('x-request-id') ?? '')}\n`)
  }
  await wait(20)
}
shop.close()
