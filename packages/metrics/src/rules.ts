import type { Inventory, Objectives } from './inventory.js'

/** A rule of Prometheus that records a series, or raises an alert. */
export type Rule =
  | { readonly record: string; readonly expr: string }
  | {
      readonly alert: string
      readonly expr: string
      readonly for?: string
      readonly labels: { readonly severity: 'page' | 'ticket' }
      readonly annotations: { readonly summary: string; readonly description: string }
    }

/** A file of rules, as Prometheus reads it. */
export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[]
}

/**
 * The alerts for a gateway with this inventory: burn rates of its objectives (Google's SRE workbook, chapter 5:
 * several windows, several rates), saturation, endpoints, breakers, certificates.
 */
export function rulesOf(inventory: Inventory): RuleFile {
  return {
    groups: [
      { name: 'gatewright-ratios', rules: ratios(inventory.objectives) },
      {
        name: 'gatewright-objectives',
        rules: [...burns('availability'), ...burns('latency')].map((burn) =>
          alertOf(burn, inventory.objectives)
        )
      },
      { name: 'gatewright-state', rules: states(inventory) }
    ]
  }
}

const WINDOWS = ['5m', '30m', '1h', '6h', '3d'] as const
type Window = (typeof WINDOWS)[number]

// A client that left says nothing of the gateway.
const COUNTED = 'status!="499"'

function ratios({ latency }: Objectives): Rule[] {
  return WINDOWS.flatMap((window) => [
    {
      record: `proxy:availability:error_ratio_${window}`,
      expr: `sum by (route) (rate(proxy_requests_total{status=~"5.."}[${window}])) / sum by (route) (rate(proxy_requests_total{${COUNTED}}[${window}]))`
    },
    {
      record: `proxy:latency:error_ratio_${window}`,
      expr: `1 - sum by (route) (rate(proxy_request_duration_seconds_bucket{${bucket(latency)}}[${window}])) / sum by (route) (rate(proxy_request_duration_seconds_count[${window}]))`
    }
  ])
}

interface Burn {
  readonly objective: 'availability' | 'latency'
  readonly speed: string
  /** How many times faster than allowed the budget of errors is spent. */
  readonly rate: number
  readonly long: Window
  readonly short: Window
  readonly severity: 'page' | 'ticket'
}

function burns(objective: Burn['objective']): Burn[] {
  return [
    { objective, speed: 'Fast', rate: 14.4, long: '1h', short: '5m', severity: 'page' },
    { objective, speed: 'Steady', rate: 6, long: '6h', short: '30m', severity: 'page' },
    { objective, speed: 'Slow', rate: 1, long: '3d', short: '6h', severity: 'ticket' }
  ]
}

function alertOf({ objective, speed, rate, long, short, severity }: Burn, objectives: Objectives): Rule {
  const share = objective === 'availability' ? objectives.availability : objectives.latencyShare
  const most = rounded(rate * (1 - share))
  const ratio = (window: Window): string => `proxy:${objective}:error_ratio_${window} > ${most}`
  const promise =
    objective === 'availability'
      ? `${rounded(share * 100)} % of requests without a server error`
      : `${rounded(share * 100)} % of requests within ${objectives.latency} s`
  const name = objective === 'availability' ? 'Availability' : 'Latency'
  return {
    alert: `Gateway${name}Burn${speed}`,
    expr: `${ratio(long)} and ${ratio(short)}`,
    labels: { severity },
    annotations: {
      summary: `Route {{ $labels.route }} spends its ${objective} budget ${rate} times too fast`,
      description: `Objective: ${promise}. {{ $value | humanizePercentage }} missed it within ${long}. Ask proxy_request_reasons_total for the reasons.`
    }
  }
}

function states({ hasBreakers, hasRetries, hasLimits, hasDiscovery, hasTls, hasProcess }: Inventory): Rule[] {
  return [
    alert(
      'GatewayAbsent',
      'absent(proxy_config_revision)',
      '2m',
      'page',
      'No gateway is scraped',
      'Nothing has shown metrics for two minutes.'
    ),
    alert(
      'GatewayPoolDown',
      'proxy_pool_healthy_endpoints == 0',
      '1m',
      'page',
      'Pool {{ $labels.pool }} has no healthy endpoint',
      'All endpoints are unhealthy, ejected or draining.'
    ),
    alert(
      'GatewayEndpointsDown',
      'proxy_pool_healthy_endpoints < proxy_pool_total_endpoints',
      '5m',
      'ticket',
      'Pool {{ $labels.pool }} misses endpoints',
      'Only {{ $value }} are healthy. Ask proxy_endpoint_health for the others.'
    ),
    alert(
      'GatewayConnectionsQueue',
      'sum by (pool, endpoint) (proxy_upstream_queue_length) > 0',
      '5m',
      'ticket',
      'Requests wait for connections to {{ $labels.endpoint }}',
      '{{ $value }} wait. More connections (`connections.max`), more endpoints, or a faster upstream.'
    ),
    ...given(
      hasLimits,
      alert(
        'GatewayLimitNearlyReached',
        'proxy_concurrency_running / proxy_concurrency_limit > 0.9',
        '5m',
        'ticket',
        'The limit of {{ $labels.scope }} {{ $labels.id }} is nearly reached',
        '{{ $value | humanizePercentage }} of the requests it allows are running.'
      )
    ),
    ...given(
      hasProcess,
      alert(
        'GatewayEventLoopLate',
        'nodejs_eventloop_lag_p99_seconds > 0.1',
        '5m',
        'page',
        'The event loop of {{ $labels.instance }} is late',
        'By {{ $value | humanizeDuration }} at the 99th percentile: the process has too much to do.'
      )
    ),
    ...given(
      hasBreakers,
      alert(
        'GatewayBreakerOpen',
        'max by (pool) (proxy_breaker_state{state="open"}) == 1',
        '1m',
        'page',
        'The circuit breaker of pool {{ $labels.pool }} is open',
        'Its requests get 503 circuit_open. Ask proxy_upstream_failures_total for the cause.'
      )
    ),
    ...given(
      hasBreakers,
      alert(
        'GatewayRouteBreakerOpen',
        'max by (route) (proxy_route_breaker_state{state="open"}) == 1',
        '1m',
        'page',
        'The circuit breaker of route {{ $labels.route }} is open',
        'Its requests get 503 circuit_open. Ask proxy_upstream_failures_total for the cause.'
      )
    ),
    ...given(
      hasRetries,
      alert(
        'GatewayRetryBudgetSpent',
        'sum by (route) (rate(proxy_retries_total{outcome="budget"}[5m])) > 0',
        '5m',
        'ticket',
        'The retry budget of route {{ $labels.route }} is spent',
        'More fails than retries may hide.'
      )
    ),
    ...given(
      hasDiscovery,
      alert(
        'GatewayDiscoveryFails',
        'increase(proxy_discovery_failures_total[10m]) > 2',
        '5m',
        'ticket',
        'Endpoints of pool {{ $labels.pool }} are not found any more',
        'The last ones known are in use.'
      )
    ),
    ...given(
      hasTls,
      alert(
        'GatewayCertificateEndsSoon',
        certificateEnds(14),
        '1h',
        'ticket',
        'The certificate of {{ $labels.endpoint }} ends within 14 days',
        'In {{ $value | humanizeDuration }}.'
      )
    ),
    ...given(
      hasTls,
      alert(
        'GatewayCertificateEndsVerySoon',
        certificateEnds(3),
        '10m',
        'page',
        'The certificate of {{ $labels.endpoint }} ends within 3 days',
        'In {{ $value | humanizeDuration }}.'
      )
    )
  ]
}

function certificateEnds(days: number): string {
  return `proxy_upstream_certificate_expiry_timestamp_seconds - time() < ${days * 86_400}`
}

function alert(
  name: string,
  expr: string,
  lasts: string,
  severity: 'page' | 'ticket',
  summary: string,
  description: string
): Rule {
  return { alert: name, expr, for: lasts, labels: { severity }, annotations: { summary, description } }
}

function given(condition: boolean, rule: Rule): Rule[] {
  return condition ? [rule] : []
}

// Prometheus 3 writes whole numbers as 1.0, Prometheus 2 as 1.
function bucket(bound: number): string {
  return Number.isInteger(bound) ? `le=~"${bound}|${bound}[.]0"` : `le="${bound}"`
}

// Not 0.0010000000000000009.
function rounded(value: number): number {
  return Number(value.toPrecision(6))
}
