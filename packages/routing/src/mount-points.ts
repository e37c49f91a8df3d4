const PLAIN = /^[\w-][\w.~-]*$/

/** The first segments below which routes are, such as `/api`; `scope` is the prefix of the Fastify scope around. */
export function basesOf(
  routes: readonly { readonly path: string; readonly caseSensitive?: boolean }[],
  scope: string
): readonly string[] {
  return [...new Set(routes.map((route) => baseOf(route, scope)))].filter((base) => base !== '')
}

/** The first segment of a route's path below the scope, with its slash; `''` when it may be any. */
export function baseOf(
  { path, caseSensitive = true }: { readonly path: string; readonly caseSensitive?: boolean },
  scope: string
): string {
  if (!caseSensitive || !path.startsWith(`${scope}/`)) return ''
  const [segment = ''] = path.slice(scope.length + 1).split('/', 1)
  return PLAIN.test(segment) ? `/${segment}` : ''
}

/** Whether a route can have paths at or below a mount point: an expression may, whatever it says. */
export function reaches(path: string, mount: string): boolean {
  if (path[0] !== '/') return true
  const prefix = path.endsWith('/*')
  const own = (prefix ? path.slice(0, -2) : path).split('/').slice(1)
  const wanted = mount.split('/').slice(1)
  if (!prefix && own.length < wanted.length) return false
  return wanted.every((segment, index) => {
    const given = own[index]
    return given === undefined || given.startsWith(':') || given.toLowerCase() === segment.toLowerCase()
  })
}
