import type { Route } from './route.js'
import type { Snapshot } from './snapshot.js'

/** The routes of the table and the app's own. */
export function* allRoutes({ routes, native }: Pick<Snapshot, 'routes' | 'native'>): Iterable<Route> {
  yield* routes
  yield* native.values()
}
