import type { Inventory } from './inventory.js'

/** What one query shows; `legend` by Grafana's rules. */
interface Target {
  readonly expr: string
  readonly legend: string
}

/** One picture. */
export interface Panel {
  readonly title: string
  /** By Grafana's names. */
  readonly unit: string
  readonly targets: readonly Target[]
}

interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

const ROUTE = 'route=~"$route"'
const POOL = 'pool=~"$pool"'

/** What the dashboard shows, for a gateway with this inventory. */
export function rowsOf({ hasBreakers, hasRetries, hasLimits, hasProcess, objectives }: Inventory): Row[] {
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
        panel('Ejections', 'none', [
          `sum by (pool) (increase(proxy_ejections_total{${POOL}}[$__rate_interval]))`,
          '{{pool}}'
        ])
      ]
    },
    ...policies(hasBreakers, hasRetries, hasLimits),
    ...(hasProcess ? [PROCESS] : [])
  ]
}

function policies(hasBreakers: boolean, hasRetries: boolean, hasLimits: boolean): Row[] {
  const panels = [
    ...(hasBreakers
      ? [
          panel(
            'Breakers open',
            'none',
            [`sum by (pool) (proxy_breaker_state{${POOL},state="open"})`, '{{pool}}'],
            [`sum by (route) (proxy_route_breaker_state{${ROUTE},state="open"})`, 'route {{route}}']
          )
        ]
      : []),
    ...(hasRetries
      ? [
          panel(
            'Retries',
            'reqps',
            [`sum by (outcome) (rate(proxy_retries_total{${ROUTE}}[$__rate_interval]))`, '{{outcome}}'],
            [`sum(rate(proxy_retry_attempts_total{${ROUTE}}[$__rate_interval]))`, 'attempts']
          ),
          panel('Hedges', 'reqps', [
            `sum by (outcome) (rate(proxy_hedges_total{${ROUTE}}[$__rate_interval]))`,
            '{{outcome}}'
          ]),
          panel('Retry budget', 'none', [`min by (route) (proxy_retry_budget_tokens{${ROUTE}})`, '{{route}}'])
        ]
      : []),
    ...(hasLimits
      ? [
          panel(
            'Concurrency',
            'none',
            ['sum by (scope, id) (proxy_concurrency_running)', '{{scope}} {{id}}'],
            ['sum by (scope, id) (proxy_concurrency_limit)', '{{scope}} {{id}}: limit'],
            ['sum by (scope, id) (proxy_concurrency_waiting)', '{{scope}} {{id}}: waiting']
          )
        ]
      : [])
  ]
  return panels.length === 0 ? [] : [{ title: 'Policies', panels }]
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

function panel(title: string, unit: string, ...targets: [expr: string, legend: string][]): Panel {
  return { title, unit, targets: targets.map(([expr, legend]) => ({ expr, legend })) }
}

function quantile(q: number, name: string, filter: string, by = ''): string {
  const labels = by === '' ? 'le' : `le, ${by}`
  return `histogram_quantile(${q}, sum by (${labels}) (rate(${name}_bucket{${filter}}[$__rate_interval])))`
}

function rest(share: number): number {
  return Number((1 - share).toPrecision(6))
}
