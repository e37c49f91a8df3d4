import type { RouteConfig } from '@gatewright/core'

/** The ids that routes have in logs: their own, else methods, host and path, with `#2` for the second of a name. */
export function routeIds(routes: readonly RouteConfig[]): readonly string[] {
  const seen = new Map<string, number>()
  return routes.map(({ id, methods, host, path }) => {
    if (id !== undefined) return id
    const name = `${methods === undefined ? '' : `${methods.join(',')} `}${[host ?? ''].flat().join(',')}${path}`
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    return count === 1 ? name : `${name}#${count}`
  })
}
