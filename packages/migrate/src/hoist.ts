type Options = Record<string, unknown>

/** Options that routes of one pool mostly have in common. */
const SHARED = ['timeouts', 'bodyLimit', 'preserveHost', 'retry', 'fallback', 'compression', 'transform']

/**
 * Puts what all routes to a pool have in common into a policy with the name of the pool, in `policies`, so that it is
 * read and changed in one place. Routes are given back that use it.
 */
export function hoisted(routes: readonly Options[], policies: Record<string, Options>): readonly Options[] {
  const hoistedPools = new Set<string>()
  for (const pool of new Set(routes.map((route) => route.pool))) {
    const those = routes.filter((route) => route.pool === pool)
    if (typeof pool !== 'string' || those.length < 2 || pool in policies) continue
    const policy = SHARED.flatMap((key) => {
      const value = commonValue(key, those)
      return value === undefined ? [] : [[key, value] as const]
    })
    if (policy.length === 0) continue
    policies[pool] = Object.fromEntries(policy)
    hoistedPools.add(pool)
  }
  return routes.map((route) => {
    const pool = route.pool as string
    if (!hoistedPools.has(pool)) return route
    const policy = policies[pool] ?? {}
    const kept = Object.entries(route).filter(
      ([key, value]) => JSON.stringify(policy[key]) !== JSON.stringify(value)
    )
    return { ...Object.fromEntries(kept), use: [...((route.use as string[] | undefined) ?? []), pool] }
  })
}

/** Options that a route replaces whole, so that one that differs from the others may keep its own. */
const REPLACED = ['bodyLimit', 'transform']

// What all have, and two or more alike; of options that are merged, all alike.
function commonValue(key: string, routes: readonly Options[]): unknown {
  const texts = routes.map((route) => JSON.stringify(route[key]))
  const count = (text: string | undefined): number => texts.filter((other) => other === text).length
  const [most] = [...texts].sort((a, b) => count(b) - count(a))
  if (most === undefined || texts.includes(undefined as never)) return undefined
  const isEnough = REPLACED.includes(key) ? count(most) > 1 : count(most) === texts.length
  return isEnough ? JSON.parse(most) : undefined
}
