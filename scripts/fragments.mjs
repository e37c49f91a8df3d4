// The schema of the configuration, in parts: core's own, and a fragment of each package that adds keys.
import { existsSync, readdirSync, readFileSync } from 'node:fs'

const root = new URL('../', import.meta.url)

/**
 * The packages that add keys, in the order of the pipeline; others follow. A fragment is what `src/config/schema.ts` exports:
 * `keys`, by name the places they stand on and their schemas; `sources`, the files beside it from which types come that
 * only TypeScript can say; and `own`, for keys that stand on an interface of their own.
 */
export async function loadFragments() {
  const fragments = []
  for (const name of inOrder(readdirSync(new URL('packages/', root)))) {
    const folder = `packages/${name}/`
    const schema = new URL(`${folder}dist/config/schema.js`, root)
    if (name === 'core' || !existsSync(new URL(`${folder}src/config/schema.ts`, root)) || !existsSync(schema))
      continue
    fragments.push({ name, folder, sources: {}, own: null, ...(await import(schema)) })
  }
  return fragments
}

/** Core's own schemas. */
export const loadCore = () => import(new URL('packages/core/dist/config/schema.js', root))

/** The schema of the whole configuration, of native routes, and of what only a server has. */
export async function composeSchemas() {
  const { ConfigSchema, NativeRouteSchema, PolicySchema, PoolSchema, RouteSchema } = await loadCore()
  const fragments = await loadFragments()
  const merged = fragments.filter(({ own }) => own === null)
  const extended = (schema, place) => {
    const added = merged.flatMap(({ keys }) =>
      Object.entries(keys).flatMap(([name, { on, schema }]) => (on.includes(place) ? [[name, schema]] : []))
    )
    return { ...schema, properties: { ...schema.properties, ...Object.fromEntries(added) } }
  }
  const { pools, policies, routes } = ConfigSchema.properties
  const config = {
    ...ConfigSchema,
    properties: {
      ...ConfigSchema.properties,
      pools: ofEach(pools, extended(PoolSchema, 'pool')),
      policies: ofEach(policies, extended(PolicySchema, 'policy')),
      routes: { ...routes, items: extended(RouteSchema, 'route') }
    }
  }
  return {
    config: extended(config, 'gateway'),
    native: extended(NativeRouteSchema, 'route'),
    server: fragments.find(({ own }) => own !== null)?.own ?? null
  }
}

const ofEach = (record, schema) => ({
  ...record,
  patternProperties: Object.fromEntries(Object.keys(record.patternProperties).map((name) => [name, schema]))
})

// What is registered first comes first; the gateway, which registers them, comes last.
function inOrder(names) {
  const pipeline = readFileSync(new URL('packages/gateway/src/pipeline.ts', root), 'utf8')
  const packages = new Map(
    [...pipeline.matchAll(/^import \{([^}]*)\} from '@gatewright\/([\w-]+)'/gm)].flatMap(([, all, from]) =>
      all.split(',').map((one) => [one.trim(), from])
    )
  )
  const registered = [...pipeline.matchAll(/\.register\((\w+)/g)].map(([, part]) => packages.get(part))
  const rank = (name) => {
    const index = registered.indexOf(name)
    return index === -1 ? registered.length + (name === 'gateway' ? 1 : 0) : index
  }
  return names.toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
}
