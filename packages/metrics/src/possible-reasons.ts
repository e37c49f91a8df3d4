import {
  type AddedReason,
  type CoreReason,
  fallbackPool,
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

/** What a response may break off by whose head has been sent. */
const BREAKS: readonly Reason[] = [
  'internal_error',
  'upstream_reset',
  'upstream_protocol_error',
  'upstream_idle_timeout',
  'deadline_exceeded',
  'draining'
]

/** Reasons that a configured route may have for its own responses: core's, and those that features have added. */
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

/** Reasons for which a response of the route may break off after a good status. */
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

function isSecure({ origin }: { readonly origin: string }): boolean {
  return origin.startsWith('https:')
}
