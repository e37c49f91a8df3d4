import type { Gateway, Gauge } from '@gatewright/core'
import type { Connections } from './connections.js'
import type { Transports } from './transports.js'

/** Gauges of the connections to each endpoint. */
export function connectionGauges(gateway: Gateway, transports: Transports): Gauge[] {
  const gauge = (name: string, help: string, figure: (connections: Connections) => number): Gauge => ({
    name,
    help,
    type: 'gauge',
    labels: ['pool', 'endpoint'],
    read(show) {
      const sums = transports.sums(figure)
      for (const pool of gateway.snapshot.pools.values())
        for (const endpoint of pool.endpoints) show(sums.get(endpoint) ?? 0, pool.id, endpoint.name)
    }
  })
  return [
    gauge(
      'proxy_upstream_connections',
      'Connections to the endpoint, open or being opened.',
      ({ open }) => open
    ),
    gauge(
      'proxy_upstream_connections_idle',
      'Connections to the endpoint that wait for a request.',
      ({ idle }) => idle
    ),
    gauge(
      'proxy_upstream_queue_length',
      'Requests that wait for a connection to the endpoint.',
      ({ waiting }) => waiting
    )
  ]
}
