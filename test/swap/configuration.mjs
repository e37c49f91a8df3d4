/** Milliseconds that a version is added to, where a number of the configuration carries it. */
export const BASE_MS = 20_000

/**
 * The configuration of a version. Its hook, its policy, its route, its pool and what it sends upstream say which one it is,
 * so that a response made by two of them would show. The state of the other pools must outlast every change, also of numbers of their own.
 */
export function configuration(version, { upstreams, dead, log }) {
  const [first, second] = upstreams
  const mark = (name) => async (_request, reply) => void reply.header(name, version)
  return {
    logger: false,
    accessLog: { destination: log },
    metrics: { listener: 'probes', process: version % 2 === 0 },
    probes: { port: 0 },
    flightRecorder: version % 3 === 0 ? false : { recent: 50 + (version % 7) },
    shutdown: { signals: false, wait: '0ms', drain: '5s' },
    hooks: {
      onRequest: async ({ exchange }, reply) => {
        reply.header('x-hook', version)
        exchange.forwardHeader('x-version', String(version))
      },
      onSend: async ({ exchange: { route, pool } }, reply) => {
        reply.header('x-route', route === null ? 'none' : route.timeouts.totalMs - BASE_MS)
        reply.header('x-pool', pool === null ? 'none' : pool.settings.timeouts.firstByteMs - BASE_MS)
      }
    },
    policies: {
      marked: { hooks: { onRequest: mark('x-policy') }, timeouts: { total: `${BASE_MS + version}ms` } }
    },
    pools: {
      main: {
        endpoints: version % 2 === 0 ? [first, second] : [second, first],
        balancing: version % 5 === 0 ? 'round-robin' : 'p2c',
        timeouts: { firstByte: `${BASE_MS + version}ms` },
        connections: { max: 64 + (version % 4) }
      },
      broken: {
        endpoints: [dead],
        circuitBreaker: {
          minRequests: 1,
          errorThresholdPercent: 1,
          openDuration: '1h',
          maxOpenDuration: '1h'
        }
      },
      ejected: {
        endpoints: [`${first}/failing`, second],
        balancing: 'round-robin',
        outlierDetection: {
          consecutiveErrors: 2 + (version % 2),
          ejection: '1h',
          maxEjection: '1h',
          maxEjectionPercent: 50
        }
      },
      drained: { endpoints: [first, second], balancing: 'round-robin' },
      limited: {
        // They are held for the whole run.
        timeouts: { firstByte: '24h' },
        endpoints: [second],
        concurrency: { max: 2, maxQueue: 2, queueTimeout: version % 2 === 0 ? '1h' : '2h' }
      }
    },
    routes: [
      { id: `main-${version % 3}`, path: '/main/*', pool: 'main', use: ['marked'] },
      ...['broken', 'ejected', 'drained', 'limited'].map((pool) => ({ id: pool, path: `/${pool}/*`, pool })),
      ...Array.from({ length: version % 10 }, (_, index) => ({ path: `/more-${index}`, respond: {} }))
    ]
  }
}
