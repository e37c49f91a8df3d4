import { type Monitoring, type Panel, panel } from '@gatewright/core'
import type { Inventory } from './inventory.js'

interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

const ROUTE = 'route=~"$route"'
const POOL = 'pool=~"$pool"'

/** What the dashboard shows, for a gateway with this inventory. */
export function rowsOf({ hasProcess, objectives, monitoring }: Inventory): Row[] {
  const policies = panelsFor('Policies', monitoring)
  return [
    {
      title: 'Requests',
      panels: [
        panel('Requests', 'reqps', [
          `sum by (route) (rate(proxy_requests_total{${ROUTE}}[$__rate_interval]))`,
          '{{route}}'
        ]),
        panel('Server errors', 'percentunit', [
          `sum by (route) (rate(proxy_requests_total{${ROUTE},status=~"5.."}[$__rate_interval])) / sum by (route) (rate(proxy_requests_total{${ROUTE}}[$__rate_interval]))`,
          '{{route}}'
        ]),
        panel('Reasons', 'reqps', [
          `sum by (reason) (rate(proxy_request_reasons_total{${ROUTE}}[$__rate_interval]))`,
          '{{reason}}'
        ]),
        panel(
          'Duration',
          's',
          ...[0.5, 0.95, 0.99].map((q): [string, string] => [
            quantile(q, 'proxy_request_duration_seconds', ROUTE),
            `p${q * 100}`
          ])
        ),
        panel('Duration by route, p99', 's', [
          quantile(0.99, 'proxy_request_duration_seconds', ROUTE, 'route'),
          '{{route}}'
        ]),
        panel(
          'Bytes',
          'Bps',
          [`sum(rate(proxy_request_size_bytes_sum{${ROUTE}}[$__rate_interval]))`, 'received'],
          [`sum(rate(proxy_response_size_bytes_sum{${ROUTE}}[$__rate_interval]))`, 'sent']
        )
      ]
    },
    {
      title: 'Objectives',
      panels: [
        panel(`Availability budget: times as fast as allowed (${objectives.availability * 100} %)`, 'none', [
          `proxy:availability:error_ratio_1h{${ROUTE}} / ${rest(objectives.availability)}`,
          '{{route}}'
        ]),
        panel(
          `Latency budget: times as fast as allowed (${objectives.latencyShare * 100} % within ${objectives.latency} s)`,
          'none',
          [`proxy:latency:error_ratio_1h{${ROUTE}} / ${rest(objectives.latencyShare)}`, '{{route}}']
        )
      ]
    },
    {
      title: 'Pools',
      panels: [
        panel(
          'Healthy endpoints',
          'none',
          [`min by (pool) (proxy_pool_healthy_endpoints{${POOL}})`, '{{pool}}'],
          [`max by (pool) (proxy_pool_total_endpoints{${POOL}})`, '{{pool}}: all']
        ),
        panel('Attempts', 'reqps', [
          `sum by (pool, endpoint) (rate(proxy_upstream_requests_total{${POOL}}[$__rate_interval]))`,
          '{{endpoint}}'
        ]),
        panel('Failures', 'reqps', [
          `sum by (endpoint, reason) (rate(proxy_upstream_failures_total{${POOL}}[$__rate_interval]))`,
          '{{endpoint}} {{reason}}'
        ]),
        panel('Attempts, p99', 's', [
          quantile(0.99, 'proxy_upstream_duration_seconds', POOL, 'endpoint'),
          '{{endpoint}}'
        ]),
        panel('Phases, p99', 's', [
          quantile(0.99, 'proxy_upstream_phase_seconds', POOL, 'phase'),
          '{{phase}}'
        ]),
        panel('Weight', 'none', [`min by (endpoint) (proxy_endpoint_weight{${POOL}})`, '{{endpoint}}']),
        panel('Under way', 'none', [`sum by (endpoint) (proxy_upstream_in_flight{${POOL}})`, '{{endpoint}}']),
        panel(
          'Connections',
          'none',
          [`sum by (endpoint) (proxy_upstream_connections{${POOL}})`, '{{endpoint}}'],
          [`sum by (endpoint) (proxy_upstream_queue_length{${POOL}})`, '{{endpoint}}: waiting']
        ),
        ...panelsFor('Pools', monitoring)
      ]
    },
    ...(policies.length > 0 ? [{ title: 'Policies', panels: policies }] : []),
    ...(hasProcess ? [PROCESS] : [])
  ]
}

function panelsFor(row: 'Pools' | 'Policies', monitoring: readonly Monitoring[]): Panel[] {
  return monitoring.filter((one) => (one.row ?? 'Policies') === row).flatMap(({ panels }) => panels)
}

const PROCESS: Row = {
  title: 'Process',
  panels: [
    panel('Event loop, late by', 's', [
      'max by (instance) (nodejs_eventloop_lag_p99_seconds)',
      '{{instance}} p99'
    ]),
    panel('CPU', 'percentunit', [
      'sum by (instance) (rate(process_cpu_seconds_total[$__rate_interval]))',
      '{{instance}}'
    ]),
    panel(
      'Memory',
      'bytes',
      ['max by (instance) (process_resident_memory_bytes)', '{{instance}}'],
      ['max by (instance) (nodejs_heap_size_used_bytes)', '{{instance}}: heap']
    )
  ]
}

function quantile(q: number, name: string, filter: string, by = ''): string {
  const labels = by === '' ? 'le' : `le, ${by}`
  return `histogram_quantile(${q}, sum by (${labels}) (rate(${name}_bucket{${filter}}[$__rate_interval])))`
}

function rest(share: number): number {
  return Number((1 - share).toPrecision(6))
}
