import type { Route, Snapshot } from '@gatewright/core'

/** The facts of a route, as text. */
export interface RouteFacts {
  readonly id: string
  /** Its match: `/users/* on api.example for GET, HEAD`. */
  readonly pattern: string
  /** The policies it uses, in order. */
  readonly policies: readonly string[]
}

/** Puts a route into words. */
export function factsOf(route: Route, snapshot: Snapshot): RouteFacts {
  return { id: route.id, pattern: patternOf(route), policies: policiesOf(route, snapshot) }
}

function patternOf({ match, source }: Route): string {
  if (match === null) return source
  const { path, hosts, methods, headers, query } = match
  return [
    path.kind === 'prefix' ? `${path.value}/*` : path.kind === 'regex' ? `~${path.value}` : path.value,
    ...listed('on', hosts),
    ...listed('for', methods ?? []),
    ...listed('with header', namesOf(headers)),
    ...listed('with query', namesOf(query))
  ].join(' ')
}

function listed(word: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`${word} ${items.join(', ')}`]
}

function namesOf(conditions: readonly { readonly name: string }[]): string[] {
  return conditions.map(({ name }) => name)
}

function policiesOf(route: Route, { config, routes, native }: Snapshot): readonly string[] {
  const index = routes.indexOf(route)
  if (index !== -1) return config.routes?.[index]?.use ?? []
  for (const [registered, compiled] of native) if (compiled === route) return registered.config?.use ?? []
  return []
}
