import type { LoadedConfig } from './load.js'
import { isMap } from './merge.js'
import type { Position } from './source-text.js'

/** A value that a route goes by, and where it is said. */
export interface ConfigOrigin {
  readonly key: string
  /** Where it stands in the configuration: `policies.careful.retry`. */
  readonly path: string
  /** As configured, with secrets as `***`. */
  readonly value: unknown
  /** The file and line; `undefined` where no file says it. */
  readonly position: Position | undefined
}

/** Keys of the whole that say nothing about a route. */
const NOT_OF_ROUTES = new Set([
  ...['pools', 'policies', 'routes', 'listen', 'server', 'shutdown', 'probes', 'logger', 'lint'],
  ...['metrics', 'flightRecorder', 'accessLog']
])

/**
 * What a route goes by, and where each value is said: its own keys, those of its policies that it has not itself (the last
 * policy first), those of its pool, and those of the whole configuration. `index` is its place in `routes`.
 */
export function originsOf(loaded: LoadedConfig, index: number): readonly ConfigOrigin[] {
  const { routes = [], policies = {}, pools = {} } = loaded.config
  const route: unknown = routes[index]
  if (!isMap(route)) return []
  const seen = new Set<string>()
  const origins: ConfigOrigin[] = []
  const add = (at: string, value: unknown, isLayer: boolean): void => {
    if (!isMap(value)) return
    for (const [key, one] of Object.entries(value)) {
      if (one === undefined || (isLayer && seen.has(key))) continue
      if (isLayer) seen.add(key)
      const path = at === '' ? key : `${at}.${key}`
      origins.push({ key, path, value: loaded.redacted(one), position: loaded.locate(path) })
    }
  }
  add(`routes[${index}]`, route, true)
  const names = [route.use ?? []].flat().reverse() as readonly unknown[]
  for (const name of names) add(`policies.${String(name)}`, own(policies, name), true)
  const pool = origins.find(({ key }) => key === 'pool')?.value
  if (typeof pool === 'string') add(`pools.${pool}`, own(pools, pool), false)
  const whole = Object.entries(loaded.config).filter(([key]) => !NOT_OF_ROUTES.has(key) && !seen.has(key))
  add('', Object.fromEntries(whole), false)
  return origins
}

function own(all: object, name: unknown): unknown {
  return typeof name === 'string' && Object.hasOwn(all, name)
    ? (all as Record<string, unknown>)[name]
    : undefined
}
