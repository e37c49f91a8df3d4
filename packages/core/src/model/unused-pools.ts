import type { Route } from './route.js'
import type { Snapshot } from './snapshot.js'

/** The ids of pools to which nothing leads: no route, no fallback, no part of the gateway, and no hook that could choose one. */
export function unusedPools({ pools, called, routes, native }: Snapshot): string[] {
  const all: Route[] = [...routes, ...native.values()]
  if (all.some(({ hooks, action }) => hooks !== null || action.kind === 'handler')) return []
  const used = new Set(
    all.flatMap(({ pool, fallback }) => [
      pool?.id,
      fallback?.action.kind === 'pool' ? fallback.action.pool.id : ''
    ])
  )
  return [...pools.keys()].filter((id) => !used.has(id) && !called.has(id))
}
