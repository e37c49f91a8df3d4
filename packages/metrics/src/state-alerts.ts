import type { Inventory } from './inventory.js'
import type { Rule } from './rule.js'

const ANY_GATEWAY = 'proxy_config_revision'
const INSTANCES = `count by (job) (${ANY_GATEWAY})`
const MOST_INSTANCES = `max_over_time(${INSTANCES}[1h:1m])`

/**
 * Alerts for states that should not last. What is sampled goes by averages: one better sample must not begin the wait
 * anew.
 */
export function stateAlerts({
  hasBreakers,
  hasRetries,
  hasLimits,
  hasDiscovery,
  hasTls,
  hasAccessLog,
  hasProcess
}: Inventory): Rule[] {
  return [
    alert(
      'GatewayAbsent',
      `absent(${ANY_GATEWAY})`,
      '2m',
      'page',
      'No gateway is scraped',
      'Nothing has shown metrics for two minutes.'
    ),
    alert(
      'GatewayInstanceDown',
      `up == 0 and on (job) group by (job) (last_over_time(${ANY_GATEWAY}[1h]))`,
      '2m',
      'ticket',
      'Gateway {{ $labels.instance }} is down',
      'It could not be scraped for two minutes.'
    ),
    alert(
      'GatewayInstancesGone',
      `(${INSTANCES} or 0 * ${MOST_INSTANCES}) < 0.75 * ${MOST_INSTANCES}`,
      '5m',
      'ticket',
      'Gateways of job {{ $labels.job }} are gone',
      'Only {{ $value }} are scraped, more than a quarter fewer than within the last hour: they are down, or there are fewer by intent.'
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
      'sum by (pool, endpoint) (avg_over_time(proxy_upstream_queue_length[5m])) >= 1',
      '5m',
      'ticket',
      'Requests wait for connections to {{ $labels.endpoint }}',
      '{{ $value | humanize }} wait, on the average of five minutes. More connections (`connections.max`), more endpoints, or a faster upstream.'
    ),
    ...given(
      hasLimits,
      alert(
        'GatewayLimitNearlyReached',
        'avg_over_time(proxy_concurrency_running[5m]) / avg_over_time(proxy_concurrency_limit[5m]) > 0.9 or rate(proxy_concurrency_refused_total[5m]) > 0',
        '5m',
        'ticket',
        'The limit of {{ $labels.scope }} {{ $labels.id }} is reached, or nearly',
        'More than nine tenths of the requests it allows are running on the average of five minutes, or requests are refused: ask proxy_concurrency_refused_total.'
      )
    ),
    ...given(
      hasProcess,
      alert(
        'GatewayEventLoopLate',
        'avg_over_time(nodejs_eventloop_lag_p99_seconds[5m]) > 0.1',
        '5m',
        'page',
        'The event loop of {{ $labels.instance }} is late',
        'By {{ $value | humanizeDuration }} at the 99th percentile, on the average of five minutes: the process has too much to do.'
      )
    ),
    ...given(
      hasBreakers,
      alert(
        'GatewayBreakerOpen',
        'max by (pool) (proxy_breaker_state{state=~"open|half_open"}) == 1',
        '1m',
        'page',
        'The circuit breaker of pool {{ $labels.pool }} is open',
        'Its requests get 503 circuit_open, but for those that try whether it may close. Ask proxy_upstream_failures_total for the cause.'
      )
    ),
    ...given(
      hasBreakers,
      alert(
        'GatewayRouteBreakerOpen',
        'max by (route) (proxy_route_breaker_state{state=~"open|half_open"}) == 1',
        '1m',
        'page',
        'The circuit breaker of route {{ $labels.route }} is open',
        'Its requests get 503 circuit_open, but for those that try whether it may close. Ask proxy_upstream_failures_total for the cause.'
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
      hasAccessLog,
      alert(
        'GatewayLogLinesDropped',
        'rate(proxy_access_log_dropped_total[5m]) > 0',
        '5m',
        'ticket',
        'The access log of {{ $labels.instance }} is not whole',
        '{{ $value | humanize }} lines a second are dropped: its destination is too slow, or gone.'
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
