import { quoted } from './text.js'

type Value = string | null | undefined

/** Fields whose values come back, as JSON: methods, hosts, routes, pools, endpoints, clients. */
export interface FieldTexts {
  /** A string; `null` if absent. */
  of(value: Value): string
  /** Route, pool and endpoint as three fields, up to the value of the status behind them. */
  place(route: Value, pool: Value, endpoint: Value): string
}

/** As many results as are kept before it begins anew, as clients can make up values. */
const MOST = 1_000

/** Without a memory. */
export const UNKNOWN: FieldTexts = { of: textOf, place: placeOf }

/** Caches recent results, 1,000 values and 1,000 places at most. One for each log. */
export function createFieldTexts(): FieldTexts & { readonly size: number } {
  const known = new Map<Value, string>()
  const places = new Map<Value, { readonly route: Value; readonly pool: Value; readonly text: string }>()
  return {
    get size() {
      return known.size + places.size
    },
    of(value) {
      const before = known.get(value)
      if (before !== undefined) return before
      const text = textOf(value)
      if (known.size >= MOST) known.clear()
      known.set(value, text)
      return text
    },
    place(route, pool, endpoint) {
      const before = places.get(endpoint)
      if (before !== undefined && before.route === route && before.pool === pool) return before.text
      const text = placeOf(route, pool, endpoint)
      if (places.size >= MOST) places.clear()
      places.set(endpoint, { route, pool, text })
      return text
    }
  }
}

function textOf(value: Value): string {
  return value === null || value === undefined ? 'null' : quoted(value)
}

function placeOf(route: Value, pool: Value, endpoint: Value): string {
  return `,"route":${textOf(route)},"pool":${textOf(pool)},"endpoint":${textOf(endpoint)},"status":`
}
