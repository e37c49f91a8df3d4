import type { Gauge, Monitoring } from '@gatewright/core'
import type { ConfigWatcher } from './watch.js'

/** What shows figures: a gateway, or the primary of its workers. */
export interface SourcesShown {
  readonly gauges: Gauge[]
  readonly monitoring: Monitoring[]
}

/** Shows how the sources of a configuration are: a gauge for metrics, an alert and a panel. Once for each gateway. */
export function showSources(gateway: SourcesShown, watcher: Pick<ConfigWatcher, 'sources'>): void {
  gateway.gauges.push(staleGauge(watcher))
  gateway.monitoring.push(STALE)
}

function staleGauge(watcher: Pick<ConfigWatcher, 'sources'>): Gauge {
  return {
    name: 'proxy_config_stale_seconds',
    help: 'For how long a source of the configuration has not been well: it cannot be read, or what it says was refused; 0 when it is well.',
    type: 'gauge',
    labels: ['source'],
    read(show) {
      for (const { name, staleSeconds } of watcher.sources) show(staleSeconds, name)
    }
  }
}

const STALE: Monitoring = {
  isUsed: () => true,
  alerts: [
    {
      name: 'GatewayConfigStale',
      expr: 'proxy_config_stale_seconds > 300',
      for: '1m',
      severity: 'ticket',
      summary: '{{ $labels.instance }} goes on with an old configuration of {{ $labels.source }}',
      description:
        'The source cannot be read, or what it says was refused; the log says why. The gateway goes on as it was.'
    }
  ],
  panels: []
}
