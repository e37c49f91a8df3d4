import type { NativeRouteConfig } from '../config/config.js'
import { printable } from '../config/printable.js'
import type { AppRoute } from '../model/app-routes.js'
import type { Route } from '../model/route.js'
import type { Snapshot } from '../model/snapshot.js'

const TITLE: Row = ['METHODS', 'HOST', 'PATH', 'GOES TO', 'POLICIES', 'ROUTE']

type Row = readonly [methods: string, host: string, path: string, to: string, policies: string, route: string]

/**
 * All routes as text, in columns: those of the app itself, which go first, and then the table's in the order of the
 * configuration. `*` is any method or host.
 */
export function printRoutes(natives: readonly AppRoute[], snapshot: Snapshot): string {
  const { routes, config } = snapshot
  const rows = [
    TITLE,
    ...nativeRows(natives, snapshot),
    ...routes.map((route, index) => tableRow(route, config.routes?.[index]?.use))
  ]
  const widths = TITLE.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] as number))
        .join('  ')
        .trimEnd()
    )
    .map((line) => `${line}\n`)
    .join('')
}

// Fastify's automatic HEAD beside a GET is printed as one route.
function nativeRows(natives: readonly AppRoute[], snapshot: Snapshot): Row[] {
  const lines = new Map<string, { readonly route: AppRoute; readonly methods: Set<string> }>()
  for (const route of natives) {
    const { url, constraints, config, methods } = route
    const bound = Object.entries(constraints).map(([name, value]) => `${name} ${String(value)}`)
    const key = [url, config === null, config?.id, config?.pool, config?.use, ...bound].join('\0')
    const line = lines.get(key) ?? { route, methods: new Set() }
    for (const method of methods) line.methods.add(method)
    lines.set(key, line)
  }
  return [...lines.values()].map(({ route: { url, constraints, config }, methods }) => {
    const route = config === null ? undefined : boundRoute(config, url, snapshot)
    const host = constraints.host === undefined ? '*' : String(constraints.host)
    return cells([...methods].join(), host, url, route ?? null, config?.use)
  })
}

function boundRoute(config: NativeRouteConfig, url: string, { native }: Snapshot): Route | undefined {
  return [...native].find(([known]) => known.config === config && known.name.endsWith(` ${url}`))?.[1]
}

function tableRow(route: Route, use: readonly string[] | undefined): Row {
  const { match } = route
  const { kind = 'exact', value = '' } = match?.path ?? {}
  const path = kind === 'prefix' ? `${value}/*` : kind === 'regex' ? `~${value}` : value
  const hosts = match?.hosts ?? []
  return cells(match?.methods?.join() ?? '*', hosts.length === 0 ? '*' : hosts.join(), path, route, use)
}

function cells(
  methods: string,
  host: string,
  path: string,
  route: Route | null,
  use: readonly string[] | undefined
): Row {
  const row = [methods, host, path, goesTo(route), (use ?? []).join() || '-', route?.id ?? '-'] as const
  return row.map((cell) => printable(cell, 200)) as unknown as Row
}

function goesTo(route: Route | null): string {
  if (route === null) return 'app'
  const { action, pool } = route
  if (action.kind === 'forward' && pool === null) return 'handler'
  switch (action.kind) {
    case 'forward':
      return `pool ${pool?.id}`
    case 'handler':
      return pool === null ? 'handler' : `handler, pool ${pool.id}`
    case 'respond':
      return `answer ${action.respond.status ?? 200}`
    case 'redirect':
      return `redirect ${action.redirect.status ?? 302}`
  }
}
