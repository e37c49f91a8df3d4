import { PAUSE, type Route, type Snapshot } from '@gatewright/core'
import type { Mount } from './mount.js'
import { baseOf } from './mount-points.js'

/**
 * Yields a problem for each route that answers preflights and never gets any: another route of the app takes OPTIONS. `scope`
 * is the prefix of the Fastify scope, `natives` what brings preflights of native routes, `table` those of the table.
 */
export function* missedPreflights(
  { preflights }: Pick<Snapshot, 'preflights'>,
  scope: string,
  natives: Mount | null,
  table: Mount | null
): Iterable<string> {
  for (const route of preflights) {
    yield PAUSE
    if (route !== null && !arrives(route, scope, natives, table))
      yield `${route.source}: its preflights never get here, as another route of the app takes OPTIONS; is @fastify/cors registered as well?`
  }
}

function arrives(route: Route, scope: string, natives: Mount | null, table: Mount | null): boolean {
  const { match, source } = route
  if (match === null)
    return (source.split(' ')[0] ?? '').split(',').includes('OPTIONS') || natives?.has('OPTIONS', '') === true
  const { kind, value } = match.path
  const path = kind === 'regex' ? '~' : kind === 'prefix' ? `${value}/*` : value
  return table?.has('OPTIONS', baseOf({ path, caseSensitive: match.caseSensitive }, scope)) === true
}
