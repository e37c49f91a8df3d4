// Compiles the TypeBox schemas with Ajv into plain functions, so that a start pays for neither library.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)
const folder = new URL('packages/core/dist/config/', root)
const target = new URL('validate-config.js', folder)

/** Each validator, the schema it is made from, and the file of that. */
const VALIDATORS = [
  ['validateConfig', 'ConfigSchema', 'schema.js'],
  ['validateNativeRoute', 'NativeRouteSchema', 'schema.js'],
  ['validateServer', 'ServerSchema', 'schema-server.js']
]

/** Writes the validators, in one file, when they are older than a schema or this script. Returns whether they were. */
export async function compileSchemas() {
  const newest = Math.max(
    ...[...schemaFiles(), new URL(import.meta.url)].map((file) => statSync(file).mtimeMs)
  )
  if (existsSync(target) && statSync(target).mtimeMs >= newest) return false
  const require = createRequire(new URL('packages/core/package.json', root))
  const { Ajv, _, str } = require('ajv')
  const standalone = require('ajv/dist/standalone').default
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    strict: false,
    logger: false,
    unicode: false,
    inlineRefs: false,
    code: { source: true, esm: true, lines: true },
    schemas: await sharedSchemas()
  })
  ajv.addKeyword(rangeOfDurations(_, str))
  const code = standalone(ajv, Object.fromEntries(VALIDATORS.map(([name]) => [name, name])))
  if (/\brequire\(/.test(code))
    throw new Error(`the validators would need require(): ${/require\([^)]*\)/.exec(code)}`)
  writeFileSync(target, code)
  return true
}

// `lasts`: how long a duration may be. What is no duration at all is the pattern's business.
const rangeOfDurations = (_, str) => ({
  keyword: 'lasts',
  type: 'string',
  schemaType: 'object',
  error: {
    message: ({ schema: { least, most, zero } }) =>
      zero ? str`must be from ${least} to ${most}, or 0ms` : str`must be from ${least} to ${most}`
  },
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
function schemaFiles() {
  return readdirSync(folder)
    .filter((name) => /^(?:[\w-]+-)?schema(?:-[\w-]+)?\.js$/.test(name))
    .map((name) => new URL(name, folder))
}

// Names and descriptions are for the reference and the types only. TypeBox keeps its own marks on hidden keys; JSON has none.
const ANNOTATIONS = ['description', 'title', 'tsType']
const toJson = (schema) =>
  JSON.parse(
    JSON.stringify(schema, (key, value) =>
      ANNOTATIONS.includes(key) && typeof value === 'string' ? undefined : value
    )
  )

/** A part shorter than this, in characters of JSON, is cheaper repeated. */
const SHORTEST = 40
const PARTS = 'parts'

// Ajv writes code for every place a part stands in; parts that stand in several become definitions. So do objects: the
// function of one that a configuration does not have is never compiled.
async function sharedSchemas() {
  const schemas = {}
  for (const [name, exported, file] of VALIDATORS)
    schemas[name] = toJson((await import(new URL(file, folder)))[exported])
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
function referenceTo(name, { properties, anyOf = [] }) {
  const keys = [properties, ...anyOf.map((kind) => kind.properties)].flatMap((given) =>
    Object.keys(given ?? {})
  )
  return { $ref: `${PARTS}#/$defs/${name}`, ...(keys.length === 0 ? {} : { keys }) }
}

function walk(value, visit) {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value) && isSchema(value)) visit(value)
  for (const part of Object.values(value)) walk(part, visit)
}

const isSchema = ({ type, anyOf }) => typeof type === 'string' || Array.isArray(anyOf)

if (process.argv[1] === fileURLToPath(import.meta.url))
  if (await compileSchemas()) console.log(`wrote ${readFileSync(target).length} bytes of validators`)
