import type { Alert } from '@gatewright/core'

const ANY_GATEWAY = 'proxy_config_revision'
const INSTANCES = `count by (job) (${ANY_GATEWAY})`
const MOST_INSTANCES = `max_over_time(${INSTANCES}[1h:1m])`

/** Alerts for states that should not last, whatever the configuration has. */
export const STATE_ALERTS: readonly Alert[] = [
  {
    name: 'GatewayAbsent',
    expr: `absent(${ANY_GATEWAY})`,
    for: '2m',
    severity: 'page',
    summary: 'No gateway is scraped',
    description: 'Nothing has shown metrics for two minutes.'
  },
  {
    name: 'GatewayInstanceDown',
    expr: `up == 0 and on (job) group by (job) (last_over_time(${ANY_GATEWAY}[1h]))`,
    for: '2m',
    severity: 'ticket',
    summary: 'Gateway {{ $labels.instance }} is down',
    description: 'It could not be scraped for two minutes.'
  },
  {
    name: 'GatewayInstancesGone',
    expr: `(${INSTANCES} or 0 * ${MOST_INSTANCES}) < 0.75 * ${MOST_INSTANCES}`,
    for: '5m',
    severity: 'ticket',
    summary: 'Gateways of job {{ $labels.job }} are gone',
    description:
      'Only {{ $value }} are scraped, more than a quarter fewer than within the last hour: they are down, or there are fewer by intent.'
  },
  {
    name: 'GatewayPoolDown',
    expr: 'proxy_pool_healthy_endpoints == 0',
    for: '1m',
    severity: 'page',
    summary: 'Pool {{ $labels.pool }} has no healthy endpoint',
    description: 'All endpoints are unhealthy, ejected or draining.'
  },
  {
    name: 'GatewayEndpointsDown',
    expr: 'proxy_pool_healthy_endpoints < proxy_pool_total_endpoints',
    for: '5m',
    severity: 'ticket',
    summary: 'Pool {{ $labels.pool }} misses endpoints',
    description: 'Only {{ $value }} are healthy. Ask proxy_endpoint_health for the others.'
  },
  {
    name: 'GatewayConnectionsQueue',
    expr: 'sum by (pool, endpoint) (avg_over_time(proxy_upstream_queue_length[5m])) >= 1',
    for: '5m',
    severity: 'ticket',
    summary: 'Requests wait for connections to {{ $labels.endpoint }}',
    description:
      '{{ $value | humanize }} wait, on the average of five minutes. More connections (`connections.max`), more endpoints, or a faster upstream.'
  }
]

/** Alerts for the process, where its metrics are collected. */
export const PROCESS_ALERTS: readonly Alert[] = [
  {
    name: 'GatewayEventLoopLate',
    expr: 'avg_over_time(nodejs_eventloop_lag_p99_seconds[5m]) > 0.1',
    for: '5m',
    severity: 'page',
    summary: 'The event loop of {{ $labels.instance }} is late',
    description:
      'By {{ $value | humanizeDuration }} at the 99th percentile, on the average of five minutes: the process has too much to do.'
  }
]
