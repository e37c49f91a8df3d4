// The gateway of the soak: everything on. PORT, SIDE_PORT, UPSTREAMS, FOLDER.
import { createServer } from 'node:http'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createGateway } from '@gatewright/gateway'
import { tracing } from '@gatewright/tracing'

const { PORT, SIDE_PORT, UPSTREAMS, FOLDER } = process.env
const endpoints = UPSTREAMS.split(',')
const shared = {
  health: { path: '/health', interval: '2s' },
  outlierDetection: { errorRatePercent: 50, latencyFactor: 5 },
  slowStart: { window: '5s' }
}

const gateway = createGateway({
  pools: {
    api: {
      ...shared,
      endpoints,
      circuitBreaker: { slowCall: '1s' },
      concurrency: { adaptive: true, maxQueue: 100 }
    },
    sessions: { ...shared, endpoints, balancing: { type: 'peak-ewma' } },
    found: {
      ...shared,
      discovery: { file: join(FOLDER, 'endpoints.json') },
      endpoints,
      balancing: 'least-connections'
    },
    streams: { ...shared, endpoints, balancing: 'round-robin' }
  },
  policies: {
    reads: { retry: 'idempotent', hedge: { after: 'p95' }, timeouts: { perTry: '1s', total: '5s' } }
  },
  routes: [
    { path: '/api/*', pool: 'api', use: ['reads'] },
    { path: '/session/*', pool: 'sessions', use: ['reads'], rewrite: { stripPrefix: '/session' } },
    { path: '/found/*', pool: 'found', use: ['reads'], rewrite: { stripPrefix: '/found' } },
    { path: '/slow/*', pool: 'streams' },
    { path: '/limited/*', pool: 'streams', concurrency: { max: 2 }, rewrite: { set: '/slow' } },
    { path: '/bytes', pool: 'streams' },
    { path: '/events', pool: 'streams' },
    {
      path: '/upload',
      pool: 'streams',
      hooks: { onRequest: async () => {}, onSend: async (_request, _reply, payload) => payload }
    }
  ],
  overload: { maxEventLoopDelay: '1s', maxHeapPercent: 95 },
  accessLog: { destination: join(FOLDER, 'access.log') },
  metrics: { listener: 'app' },
  flightRecorder: true,
  logger: { level: 'error' }
})
gateway.register(tracing)
await gateway.listen({ port: Number(PORT), host: '127.0.0.1' })

const RESOLUTION_MS = 10
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
delay.enable()
let leastHeap = Number.POSITIVE_INFINITY
setInterval(() => {
  leastHeap = Math.min(leastHeap, process.memoryUsage().heapUsed)
}, 100).unref()

// Tells about this process, and begins anew what it gathers between two questions.
createServer((_, response) => {
  const { rss, external, arrayBuffers, heapUsed } = process.memoryUsage()
  const resources = {}
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1
  response.end(
    JSON.stringify({
      rssMiB: rss / 1024 ** 2,
      heapMiB: Math.min(leastHeap, heapUsed) / 1024 ** 2,
      externalMiB: (external + arrayBuffers) / 1024 ** 2,
      delayP99Ms: delay.percentile(99) / 1e6 - RESOLUTION_MS,
      delayMaxMs: delay.max / 1e6 - RESOLUTION_MS,
      timers: resources.Timeout ?? 0,
      sockets: resources.TCPSocketWrap ?? 0,
      cpuMs: process.cpuUsage().user / 1e3 + process.cpuUsage().system / 1e3
    })
  )
  leastHeap = Number.POSITIVE_INFINITY
  delay.reset()
}).listen(Number(SIDE_PORT), '127.0.0.1')
