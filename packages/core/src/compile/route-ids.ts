interface Named {
  readonly id?: string
  readonly methods?: readonly string[]
  readonly host?: string | readonly string[]
  readonly path: string
}

/** A route is named by methods, host and path; `#2` distinguishes routes that differ only in other conditions. */
export function defaultIds(routes: readonly Named[]): string[] {
  const seen = new Map<string, number>()
  return routes.map(({ id, methods, host, path }) => {
    if (id !== undefined) return id
    const name = `${methods === undefined ? '' : `${methods.join(',')} `}${[host ?? ''].flat().join(',')}${path}`
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    return count === 1 ? name : `${name}#${count}`
  })
}
