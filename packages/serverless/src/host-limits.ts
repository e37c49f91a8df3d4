import { durationMs } from '@gatewright/core'
import type { GatewayServerConfig } from '@gatewright/gateway'
import type { Host } from './host.js'

/** Something that a configuration asks for, and that does not work on a host, or not as elsewhere. */
export interface HostLimit {
  /** Where it stands: `pools.users.health`. */
  readonly path: string
  /** What happens with it there. */
  readonly effect: string
  /** What to do; `''` where there is nothing to do. */
  readonly instead: string
}

/** Cloud Run ends an instance so long after SIGTERM, in milliseconds. */
const CLOUD_RUN_GRACE_MS = 10_000

/**
 * What of a configuration cannot run on a host as it does elsewhere, in the order of the configuration. What is not
 * configured is not told. The configuration is a valid one.
 *
 * @example
 * for (const { path, effect, instead } of limitsOn('aws-lambda', config)) console.warn(`${path}: ${effect}. ${instead}`)
 */
export function* limitsOn(host: Host, config: GatewayServerConfig): Iterable<HostLimit> {
  for (const [id, pool] of Object.entries(config.pools ?? {})) {
    const { health, discovery } = pool as { health?: object; discovery?: object }
    if (health !== undefined)
      yield {
        path: `pools.${id}.health`,
        effect: `probes run only ${WHEN[host]}, and tell nothing of the time between`,
        instead: `${ALWAYS[host]}outlierDetection, which is on by default, judges by the requests themselves`
      }
    if (discovery !== undefined)
      yield {
        path: `pools.${id}.discovery`,
        effect: `endpoints are looked up only ${WHEN[host]}: after a pause, requests go to those of before it`,
        instead: `${ALWAYS[host]}'retry' tries another endpoint`
      }
    if (host === 'aws-lambda') yield* oneAtATime(`pools.${id}`, pool)
  }
  yield* ofRoutes(host, config)
  yield* ofServer(host, config)
}

const WHEN = {
  'aws-lambda': 'while a request is served',
  'cloud-run': 'while a request is served, as the processor stands still between'
}
const ALWAYS = { 'aws-lambda': '', 'cloud-run': 'have the processor always (--no-cpu-throttling); ' }

function* ofRoutes(host: Host, config: GatewayServerConfig): Iterable<HostLimit> {
  const places: [string, object][] = [
    ['', config],
    ...Object.entries(config.policies ?? {}).map(([id, policy]): [string, object] => [
      `policies.${id}.`,
      policy
    ]),
    ...(config.routes ?? []).map((route, index): [string, object] => [`routes[${index}].`, route])
  ]
  for (const [path, place] of places) {
    const { rateLimit } = place as { rateLimit?: unknown }
    if (isOn(rateLimit) && !isOn((config as { rateLimitStore?: unknown }).rateLimitStore))
      yield {
        path: `${path}rateLimit`,
        effect: 'each instance counts its own requests, and there are as many instances as the load needs',
        instead: 'let a rateLimitStore count for all'
      }
    if (host === 'aws-lambda') yield* oneAtATime(path.slice(0, -1), place)
  }
}

// The handler runs for one request of an instance at a time.
function* oneAtATime(path: string, place: object): Iterable<HostLimit> {
  for (const key of ['concurrency', 'overload'] as const)
    if (isOn((place as Readonly<Record<string, unknown>>)[key]))
      yield {
        path: path === '' ? key : `${path}.${key}`,
        effect: 'an instance serves one request at a time, so it is never reached',
        instead: 'limit the concurrency of the function'
      }
}

function* ofServer(host: Host, config: GatewayServerConfig): Iterable<HostLimit> {
  const { metrics, probes, accessLog, listen, shutdown } = config
  const listener = typeof metrics === 'object' ? metrics.listener : undefined
  const onApp = listener === 'app'
  if (isOn(metrics) && (host === 'aws-lambda' || !onApp))
    yield {
      path: 'metrics',
      effect:
        host === 'aws-lambda'
          ? 'nobody can scrape an instance'
          : 'only the port that PORT names is reached, and metrics are on another',
      instead:
        host === 'aws-lambda' ? 'count lines of the access log' : "metrics: { listener: 'app', requireToken }"
    }
  if (isOn(probes))
    yield {
      path: 'probes',
      effect: 'their port is not reached',
      instead: host === 'aws-lambda' ? '' : 'have Cloud Run probe the port that PORT names'
    }
  const destination = typeof accessLog === 'object' ? accessLog.destination : undefined
  if (typeof destination === 'string')
    yield {
      path: 'accessLog.destination',
      effect:
        host === 'aws-lambda'
          ? 'files can be written in /tmp alone, and go with the instance'
          : 'files are kept in memory, and go with the instance',
      instead: 'log to the standard output'
    }
  if (host === 'aws-lambda') {
    if (listen !== undefined)
      yield { path: 'listen', effect: 'the handler decides where the gateway listens', instead: '' }
    if (shutdown !== undefined)
      yield { path: 'shutdown', effect: 'Lambda ends instances without a signal', instead: '' }
  } else yield* ofGrace(config)
}

function* ofGrace({ shutdown = {}, probes, metrics }: GatewayServerConfig): Iterable<HostLimit> {
  const { wait = isOn(probes) || isOn(metrics) ? '10s' : '0ms', drain = '30s' } = shutdown
  const takes = (durationMs(wait) ?? 0) + (durationMs(drain) ?? 0)
  if (takes >= CLOUD_RUN_GRACE_MS)
    yield {
      path: 'shutdown',
      effect: `wait and drain take ${takes / 1_000} s, and Cloud Run ends the instance 10 s after SIGTERM`,
      instead: "shutdown: { wait: '0ms', drain: '9s' }"
    }
}

function isOn(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return !('enabled' in value) || value.enabled !== false
  return value !== undefined && value !== false
}
