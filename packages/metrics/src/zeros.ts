import {
  type AddedReason,
  allRoutes,
  fallbackPool,
  type InSteps,
  NO_LABEL,
  type Reason,
  type ReasonTable,
  type Route,
  type Snapshot
} from '@gatewright/core'
import type { EndpointSeriesMap } from './endpoint-series.js'
import { CLASSES, type Families } from './families.js'
import { breaksOf, reasonsOf, UNROUTED } from './possible-reasons.js'

/** What upstreams answer most often, besides the statuses of reasons. */
const USUAL: readonly number[] = [200, 404, 500, 502, 503, 504]
/** Of a redirect that does not say. */
const REDIRECT = 302

/**
 * Shows zeros for what may happen. Prometheus sees no increase from nothing to one, so that the first errors of a series
 * that begins with them count as none ("Avoid missing metrics", Prometheus, Instrumentation). There are as many as the
 * configuration has routes, pools and endpoints, times what can happen to each.
 */
export function* beginAtZero(
  snapshot: Snapshot,
  families: Families,
  endpoints: EndpointSeriesMap,
  added: readonly AddedReason[]
): InSteps<void> {
  const { pools, reasons: table } = snapshot
  for (const pool of pools.values()) {
    families.resends.at(pool.id)
    for (const endpoint of pool.endpoints) endpoints.of(endpoint)
  }
  answers(NO_LABEL, [NO_LABEL], UNROUTED, [], statusesOf(UNROUTED, table), families)
  for (const route of allRoutes(snapshot)) {
    const { id, pool, fallback } = route
    const reasons = reasonsOf(route, snapshot, added)
    const spare = fallbackPool(route)
    const places = pool === null ? [NO_LABEL] : [pool.id]
    if (spare !== null) places.push(spare.id)
    const statuses = [...ownStatuses(route), ...statusesOf(reasons, table)]
    answers(id, places, reasons, breaksOf(route), statuses, families)
    for (const reason of fallback?.on ?? []) families.fallbacks.at(id, reason)
    yield
  }
}

function answers(
  route: string,
  pools: readonly string[],
  reasons: readonly Reason[],
  breaks: readonly Reason[],
  more: readonly number[],
  families: Families
): void {
  for (const one of CLASSES) families.responses.at(route, one)
  families.heads.at(route)
  for (const reason of reasons) families.reasons.at(route, reason)
  for (const reason of breaks) families.broken.at(route, reason)
  const statuses = new Set([...USUAL, ...more])
  for (const pool of pools) for (const status of statuses) families.requests.at(route, pool, String(status))
}

function statusesOf(reasons: readonly Reason[], table: ReasonTable): number[] {
  return reasons.map((reason) => table[reason].status)
}

// What the route itself answers with.
function ownStatuses({ action, fallback }: Route): number[] {
  const statuses: number[] = []
  if (action.kind === 'respond') statuses.push(action.respond.status ?? 200)
  if (action.kind === 'redirect') statuses.push(action.redirect.status ?? REDIRECT)
  if (fallback?.action.kind === 'respond') statuses.push(fallback.action.respond.status ?? 200)
  return statuses
}
