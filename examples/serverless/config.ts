import type { GatewayServerConfig } from '@gatewright/gateway'

const { UPSTREAM = 'http://localhost:3000' } = process.env

/** What both hosts run: an instance that may be gone after any request. */
export const config: GatewayServerConfig = {
  // Written at once, not gathered: an instance may stand still as soon as it has answered.
  accessLog: { destination: process.stdout },
  pools: {
    app: {
      endpoints: [UPSTREAM],
      retry: 'idempotent',
      // A connection that has stood still with its instance is closed at the other end: keep none for long.
      connections: { keepAlive: '1s' }
    }
  },
  routes: [
    { id: 'health', path: '/healthz', respond: { status: 204 } },
    { id: 'app', path: '/*', pool: 'app', timeouts: { total: '25s' } }
  ]
}
