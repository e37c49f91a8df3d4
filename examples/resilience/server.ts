import { setTimeout as wait } from 'node:timers/promises'
import { createGateway } from '@gatewright/gateway'
import { Load } from './load.js'
import { Upstream } from './upstream.js'

const { PORT = '8080', SECONDS = '4', RATE = '200' } = process.env

const upstreams = ['one', 'two', 'three'].map((name) => new Upstream(name))
await Promise.all(upstreams.map((upstream) => upstream.start()))
const [, two, three] = upstreams as [Upstream, Upstream, Upstream]
const nameOf = (url: string): string => upstreams.find((upstream) => upstream.url === url)?.name ?? url

const gateway = createGateway({ accessLog: false, logger: false })
  .pool('app', {
    endpoints: upstreams.map(({ url }) => url),
    balancing: 'peak-ewma',
    health: { interval: '500ms', timeout: '300ms', unhealthyThreshold: 2 },
    outlierDetection: { ejection: '2s' },
    slowStart: { window: '2s' },
    circuitBreaker: { openDuration: '2s', minRequests: 20 }
  })
  .route('/*', {
    pool: 'app',
    retry: { attempts: 3 },
    hedge: { after: '60ms' },
    timeouts: { perTry: '1s', total: '3s' },
    fallback: { on: ['circuit_open'], respond: { status: 503, body: 'please come back later' } }
  })

const url = await gateway.listen({ port: Number(PORT), host: '127.0.0.1' })
console.log(`\nGateway on ${url}, ${RATE} requests/s over three upstreams\n`)

const { events } = gateway.app.gateway
events.on('endpoint_health', ({ endpoint, from, to, because }) =>
  console.log(`      ${nameOf(endpoint.url)}: ${from} → ${to} (${because})`)
)
events.on('breaker', ({ from, to, because }) => console.log(`      breaker: ${from} → ${to} (${because})`))

const load = new Load(`${url}/`, Number(RATE))

async function act(title: string, change: () => unknown, seconds = Number(SECONDS)): Promise<void> {
  console.log(`  ${title}`)
  await change()
  for (let second = 0; second < seconds; second++) {
    await wait(1000)
    const { ok, failed, p50, p99 } = load.take()
    console.log(`    ${ok} ok, ${failed} failed, p50 ${p50} ms, p99 ${p99} ms`)
  }
}

await act('Everything is well', () => {})
await act('Two is killed', () => two.kill())
await act('Two is back, and starts slowly', () => two.start())
await act('Three is 50 times slower', () => {
  three.fault = 'slow'
})
await act('All of them fail', () => {
  for (const upstream of upstreams) upstream.fault = 'errors'
})
await act(
  'All of them work again',
  () => {
    for (const upstream of upstreams) upstream.fault = 'none'
  },
  Number(SECONDS) + 4
)

load.stop()
await gateway.close()
for (const upstream of upstreams) upstream.kill()
