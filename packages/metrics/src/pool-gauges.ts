import type { Across, Endpoint, EndpointHealth, Gateway, Gauge, Pool } from '@gatewright/core'

const STATES: readonly EndpointHealth[] = ['unknown', 'healthy', 'degraded', 'unhealthy', 'ejected']

/** Gauges of pools and endpoints, and of the running configuration. */
export function poolGauges(gateway: Gateway): Gauge[] {
  const eachPool =
    (figure: (pool: Pool) => number): Gauge['read'] =>
    (show) => {
      for (const pool of gateway.snapshot.pools.values()) show(figure(pool), pool.id)
    }
  const eachEndpoint =
    (figure: (endpoint: Endpoint) => number | null): Gauge['read'] =>
    (show) => {
      for (const pool of gateway.snapshot.pools.values())
        for (const endpoint of pool.endpoints) {
          const value = figure(endpoint)
          if (value !== null) show(value, pool.id, endpoint.name)
        }
    }
  const gauge = (
    name: string,
    labels: string[],
    help: string,
    read: Gauge['read'],
    across: Across = 'sum'
  ): Gauge => ({ name, help, type: 'gauge', labels, across, read })
  return [
    gauge(
      'proxy_pool_healthy_endpoints',
      ['pool'],
      'Endpoints that are neither unhealthy, ejected nor draining.',
      eachPool(({ endpoints }) => endpoints.filter(isUsable).length),
      'min'
    ),
    gauge(
      'proxy_pool_total_endpoints',
      ['pool'],
      'Endpoints of the pool.',
      eachPool(({ endpoints }) => endpoints.length),
      'max'
    ),
    gauge(
      'proxy_endpoint_health',
      ['pool', 'endpoint', 'state'],
      '1 for the state the endpoint is in, 0 for the others.',
      (show) => {
        for (const pool of gateway.snapshot.pools.values())
          for (const { name, health } of pool.endpoints)
            for (const state of STATES) show(state === health ? 1 : 0, pool.id, name, state)
      },
      'max'
    ),
    gauge(
      'proxy_endpoint_weight',
      ['pool', 'endpoint'],
      'What balancing goes by: the share of traffic as configured, times how far slow start has come; 0 while draining.',
      eachEndpoint(({ weight, draining }) => (draining ? 0 : weight)),
      'average'
    ),
    gauge('proxy_requests_in_flight', [], 'Requests under way, answers included.', (show) =>
      show(gateway.inFlight)
    ),
    gauge(
      'proxy_upstream_in_flight',
      ['pool', 'endpoint'],
      'Attempts under way.',
      eachEndpoint(({ inFlight }) => inFlight)
    ),
    gauge(
      'proxy_upstream_certificate_expiry_timestamp_seconds',
      ['pool', 'endpoint'],
      'When the certificate ends that the endpoint has shown last, in seconds since the epoch.',
      eachEndpoint(({ certificateEndsAt }) => (certificateEndsAt === 0 ? null : certificateEndsAt / 1_000)),
      'min'
    ),
    gauge(
      'proxy_config_revision',
      [],
      'The revision of the configuration that runs; 1 for the first.',
      (show) => show(gateway.snapshot.revision),
      'max'
    ),
    gauge(
      'proxy_draining',
      [],
      '1 while the gateway is shutting down.',
      (show) => show(gateway.draining ? 1 : 0),
      'min'
    )
  ]
}

function isUsable({ health, open }: Endpoint): boolean {
  return open && health !== 'unhealthy' && health !== 'ejected'
}
