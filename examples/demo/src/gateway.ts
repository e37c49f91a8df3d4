import { createGateway, type GatewayBuilder } from '@gatewright/gateway'
import type { DemoUpstream } from './upstreams.js'

/**
 * A gateway over the demo's upstreams, or over URLs of the user's; what it prints has names instead of URLs.
 * `startTour` returns false when the tour is under way.
 */
export function createDemo(
  own: readonly DemoUpstream[],
  urls: readonly string[],
  startTour: () => boolean
): GatewayBuilder<'demo'> {
  const { stdout } = process
  const destination = {
    isTTY: stdout.isTTY,
    write: (line: string): unknown => stdout.write(named(line, own))
  }
  const gateway = createGateway({
    pools: {
      demo: {
        endpoints: own.length > 0 ? own.map(({ url, weight }) => ({ url, weight })) : [...urls],
        balancing: 'weighted-round-robin',
        retry: 'idempotent',
        // The defaults (five faults, 30 s, 20 requests) would take longer than a look lasts.
        outlierDetection: { consecutiveErrors: 3, consecutiveLocalErrors: 3, ejection: '8s' },
        circuitBreaker: { minRequests: 5, window: '2s', openDuration: '3s' }
      }
    },
    routes: [{ id: 'everything', path: '/*', pool: 'demo' }],
    accessLog: { format: 'pretty', destination },
    flightRecorder: true,
    logger: { level: 'error' },
    shutdown: { wait: '0ms', drain: '10s' }
  })
  if (own.length > 0)
    gateway.route('/tour', {
      methods: ['POST'],
      handler: (_request, reply) => {
        const started = startTour()
        return reply
          .code(started ? 202 : 409)
          .send(started ? 'See the terminal of npm start.\n' : 'It is under way.\n')
      }
    })
  return gateway
}

/** The text with the names of the demo's upstreams in the place of their URLs. */
export function named(text: string, own: readonly DemoUpstream[]): string {
  return own.reduce((named, { name, url }) => named.replaceAll(url, name), text)
}
