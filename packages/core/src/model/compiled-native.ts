import type { Route } from './route.js'
import type { NativeFound } from './router.js'
import type { Snapshot } from './snapshot.js'

/** What was compiled of a route of the app; `null` for one that is none of the gateway's. */
export function compiledNative(
  { native }: Pick<Snapshot, 'native'>,
  { config, url }: Pick<NativeFound, 'config' | 'url'>
): Route | null {
  if (config === null) return null
  for (const [registered, route] of native)
    if (registered.config === config && registered.name.endsWith(` ${url}`)) return route
  return null
}
