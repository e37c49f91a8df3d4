import {
  type AddedReason,
  type CoreReason,
  fallbackPool,
  type GatewayConfig,
  REASONS,
  type Reason,
  type ReasonInfo,
  type ReasonTable,
  type Route,
  type Snapshot
} from '@gatewright/core'

/** Reasons for which a request is refused before a route is known. */
export const UNROUTED: readonly Reason[] = [
  'path_rejected',
  'request_rejected',
  'route_not_found',
  'method_not_allowed',
  'request_timeout',
  'uri_too_long',
  'headers_too_large',
  'client_closed',
  'internal_error',
  'http_version_not_supported',
  'loop_detected'
]

const ANY: readonly CoreReason[] = ['client_closed', 'internal_error', 'request_rejected', 'request_timeout']

/** What an answer may break off by whose head has been sent. */
const BREAKS: readonly Reason[] = [
  'internal_error',
  'upstream_reset',
  'upstream_protocol_error',
  'upstream_idle_timeout',
  'deadline_exceeded',
  'draining'
]

/** Reasons that a configured route may have for its own answers: core's, and those that features have added. */
export function reasonsOf(route: Route, snapshot: Snapshot, added: readonly AddedReason[]): Reason[] {
  return [
    ...coreReasonsOf(route),
    ...added.filter((reason) => reason.mayAnswer?.(route, snapshot)).map(({ name }) => name)
  ]
}

function coreReasonsOf(route: Route): CoreReason[] {
  const { action, pool, bodyLimit, rewrite } = route
  const reasons = [...ANY]
  if (bodyLimit > 0 && action.kind !== 'redirect') reasons.push('body_too_large')
  if (pool === null) return reasons
  const isTls = [pool, fallbackPool(route)].some((one) => one?.endpoints.some(isSecure))
  reasons.push(...faults(REASONS, isTls))
  reasons.push('no_endpoint', 'pool_queue_full', 'pool_queue_timeout', 'client_too_slow')
  if (rewrite !== null) reasons.push('path_rejected')
  return reasons
}

/** Reasons for which an answer of the route may break off after a good status. */
export function breaksOf({ pool }: Route): readonly Reason[] {
  return pool === null ? ['internal_error'] : BREAKS
}

/** The reasons of an endpoint's failures, as metrics count them. */
export function faultsOf(endpoint: { readonly origin: string }, reasons: ReasonTable): readonly string[] {
  return [...faults(reasons, isSecure(endpoint)), 'status_5xx']
}

// What an attempt may fail by that is its endpoint's fault.
function faults<Name extends string>(reasons: Readonly<Record<Name, ReasonInfo>>, isTls: boolean): Name[] {
  const names = Object.keys(reasons) as Name[]
  return names.filter(
    (name) => reasons[name].blames === 'upstream' && (isTls || name !== 'upstream_tls_failed')
  )
}

/** What the conditions of a retry are called as reasons; `null` for a status, which is none. */
const RETRIED: Readonly<Record<string, readonly (Reason | null)[]>> = {
  connect_failure: [
    'upstream_connect_failed',
    'upstream_connect_timeout',
    'pool_queue_full',
    'pool_queue_timeout'
  ],
  reset: ['upstream_reset'],
  timeout: ['upstream_timeout'],
  status: [null]
}

/** The reasons for which policies of a route that only observe would have acted; `null` for those without one. */
export function observableReasons(route: Route, { overload }: GatewayConfig): Set<string | null> {
  const { options, pool } = route
  const spare = fallbackPool(route)
  const reasons = new Set<string | null>()
  if ([options.concurrency, pool?.config.concurrency, spare?.config.concurrency].some(observes))
    reasons.add('overloaded').add('queue_timeout')
  else if (observes(overload)) reasons.add('overloaded')
  if ([options.circuitBreaker, spare?.config.circuitBreaker].some(observes)) reasons.add('circuit_open')
  if (pool === null) return reasons
  if ([options.hedge, pool.config.outlierDetection, spare?.config.outlierDetection].some(observes))
    reasons.add(null)
  if (observes(options.retry)) {
    const { on = Object.keys(RETRIED) } = options.retry as { readonly on?: readonly string[] }
    for (const reason of on.flatMap((condition) => RETRIED[condition] ?? [])) reasons.add(reason)
    if (on.includes('connect_failure') && [pool, spare].some((one) => one?.endpoints.some(isSecure)))
      reasons.add('upstream_tls_failed')
  }
  return reasons
}

/** Whether an option has `mode: 'observe'`. */
export function observes(option: unknown): boolean {
  return typeof option === 'object' && option !== null && (option as { mode?: string }).mode === 'observe'
}

/** Whether an option is there and not switched off. */
export function isOn(option: unknown): boolean {
  return option !== undefined && option !== false
}

function isSecure({ origin }: { readonly origin: string }): boolean {
  return origin.startsWith('https:')
}
