// Compiles the TypeBox schemas with Ajv into plain functions, so that a start pays for neither library.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { loadCore, loadFragments } from './fragments.mjs'

const root = new URL('../', import.meta.url)

/** Writes each validator that is older than its schema or than this script. Returns the files written. */
export async function compileSchemas() {
  const written = []
  for (const target of await targets()) {
    const to = new URL(
      `${target.folder}dist/config/validate${target.folder === CORE ? '-config' : ''}.js`,
      root
    )
    const sources = [...schemaFiles(CORE), ...schemaFiles(target.folder), ...SCRIPTS]
    const newest = Math.max(...sources.map((file) => statSync(file).mtimeMs))
    if (existsSync(to) && statSync(to).mtimeMs >= newest) continue
    writeFileSync(to, validatorsOf(target))
    written.push(fileURLToPath(to).slice(fileURLToPath(root).length))
  }
  return written
}

const CORE = 'packages/core/'
const SCRIPTS = [new URL(import.meta.url), new URL('fragments.mjs', import.meta.url)]

/** What is compiled for each package: schemas by the name of their validators, and what else the file says. */
async function targets() {
  const core = await loadCore()
  const { ConfigSchema: validateConfig, NativeRouteSchema: validateNativeRoute } = core
  const layers = {
    gateway: validateConfig,
    pool: core.PoolSchema,
    policy: core.PolicySchema,
    route: core.RouteSchema,
    native: validateNativeRoute
  }
  const layerKeys = mapValues(layers, ({ properties }) => mapValues(properties, keysOf))
  const fragments = await loadFragments()
  return [
    {
      folder: CORE,
      schemas: { validateConfig, validateNativeRoute },
      more: `export const layerKeys = ${JSON.stringify(layerKeys)}`
    },
    ...fragments.map(({ folder, keys }) => ({
      folder,
      schemas: mapValues(keys, ({ schema }) => schema),
      more: Object.entries(keys)
        .map(([name, { schema }]) => `${name}.keys = ${JSON.stringify(keysOf(schema))}`)
        .join('\n')
    }))
  ]
}

const mapValues = (object, map) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]))

function validatorsOf({ folder, schemas, more }) {
  const require = createRequire(new URL('packages/core/package.json', root))
  const { Ajv, _ } = require('ajv')
  const standalone = require('ajv/dist/standalone').default
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    messages: false,
    strict: false,
    logger: false,
    unicode: false,
    inlineRefs: false,
    code: { source: true, esm: true, lines: true },
    discriminator: true,
    schemas: sharing(mapValues(schemas, toJson))
  })
  ajv.addKeyword(rangeOfDurations(_))
  const code = standalone(ajv, Object.fromEntries(Object.keys(schemas).map((name) => [name, name])))
  if (/\brequire\(/.test(code))
    throw new Error(`${folder} would need require(): ${/require\([^)]*\)/.exec(code)}`)
  return `${code}\n${more}\n`
}

// `lasts`: how long a duration may be. What is no duration at all is the pattern's business.
const rangeOfDurations = (_) => ({
  keyword: 'lasts',
  type: 'string',
  schemaType: 'object',
  code(context) {
    const { data, gen, schema } = context
    const unit = _`${data}.endsWith("ms") ? 1 : ${data}.endsWith("s") ? 1e3 : ${data}.endsWith("m") ? 6e4 : ${data}.endsWith("h") ? 36e5 : NaN`
    const ms = gen.const('ms', _`parseFloat(${data}) * (${unit})`)
    const outside = _`${ms} >= 0 && ${ms} < ${msOf(schema.least)} || ${ms} > ${msOf(schema.most)}`
    context.fail(schema.zero ? _`${ms} !== 0 && (${outside})` : outside)
  }
})

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }
const msOf = (text) => Number.parseFloat(text) * UNITS[text.replace(/[\d.]+/, '')]

// A schema is made of parts in files beside it, each of which the compiler writes only when it changes.
function schemaFiles(packageFolder) {
  const folder = new URL(`${packageFolder}dist/config/`, root)
  return readdirSync(folder)
    .filter((name) => /^(?:schema(?:-[\w-]+)?|terms)\.js$/.test(name))
    .map((name) => new URL(name, folder))
}

// Names and descriptions are for the reference and the types only. TypeBox keeps its own marks on hidden keys; JSON has none.
const ANNOTATIONS = ['description', 'title', 'tsType']
const toJson = (schema) =>
  JSON.parse(
    JSON.stringify(schema, (key, value) => {
      if (ANNOTATIONS.includes(key) && typeof value === 'string') return undefined
      // Ajv looks at `oneOf` alone, and only at the object whose kind is named.
      if (value?.discriminator === undefined || value.anyOf === undefined) return value
      const { anyOf: oneOf, ...more } = value
      return { ...more, type: 'object', required: [value.discriminator.propertyName], oneOf }
    })
  )

/** A part shorter than this, in characters of JSON, is cheaper repeated. */
const SHORTEST = 40
const PARTS = 'parts'

// Ajv writes code for every place a part stands in; parts that stand in several become definitions. So do objects: the
// function of one that a configuration does not have is never compiled.
function sharing(schemas) {
  const counts = new Map()
  walk(schemas, (part) => {
    const text = JSON.stringify(part)
    counts.set(text, (counts.get(text) ?? 0) + 1)
  })
  const names = new Map()
  const $defs = {}
  const replaced = (value) => {
    if (Array.isArray(value)) return value.map(replaced)
    if (typeof value !== 'object' || value === null) return value
    const text = JSON.stringify(value)
    const isPart = isSchema(value) && text.length >= SHORTEST
    const shared = isPart && (counts.get(text) > 1 || value.type === 'object')
    if (shared && names.has(text)) return referenceTo(names.get(text), value)
    const copy = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, replaced(part)]))
    if (!shared) return copy
    const name = `part${names.size}`
    names.set(text, name)
    $defs[name] = copy
    return referenceTo(name, value)
  }
  return { ...replaced(schemas), [PARTS]: { $defs } }
}

// The keys of an object stay beside its place: hints about keys that stand one level too high need them.
function referenceTo(name, schema) {
  const keys = keysOf(schema)
  return { $ref: `${PARTS}#/$defs/${name}`, ...(keys.length === 0 ? {} : { keys }) }
}

/** The keys of the objects that a value may be. */
const keysOf = ({ properties, anyOf = [] }) =>
  [properties, ...anyOf.map((kind) => kind.properties)].flatMap((given) => Object.keys(given ?? {}))

function walk(value, visit) {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value) && isSchema(value)) visit(value)
  for (const part of Object.values(value)) walk(part, visit)
}

const isSchema = ({ type, anyOf }) => typeof type === 'string' || Array.isArray(anyOf)

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const file of await compileSchemas())
    console.log(`wrote ${file} (${readFileSync(new URL(file, root)).length} bytes)`)
}
