// Compiles the TypeBox schemas with Ajv into plain functions, so that a start pays for neither library.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)
const TARGETS = [
  {
    from: 'packages/core/dist/config/schema.js',
    to: 'packages/core/dist/config/validate-config.js',
    exports: { validateConfig: 'ConfigSchema', validateNativeRoute: 'NativeRouteSchema' }
  },
  {
    from: 'packages/core/dist/config/schema-server.js',
    to: 'packages/gateway/dist/validate-server.js',
    exports: { validateServer: 'ServerSchema' }
  }
]

/** Writes each validator that is older than its schema or than this script. Returns the files written. */
export async function compileSchemas() {
  const written = []
  for (const target of TARGETS) {
    const from = new URL(target.from, root)
    const to = new URL(target.to, root)
    if (!existsSync(from)) continue
    const sources = [...TARGETS.flatMap((t) => schemaFiles(t.from)), new URL(import.meta.url)]
    const newest = Math.max(...sources.map((file) => statSync(file).mtimeMs))
    if (existsSync(to) && statSync(to).mtimeMs >= newest) continue
    const require = createRequire(new URL('packages/core/package.json', root))
    const { Ajv, _, str } = require('ajv')
    const standalone = require('ajv/dist/standalone').default
    const schemas = await import(from)
    const ajv = new Ajv({
      allErrors: true,
      verbose: true,
      strict: false,
      logger: false,
      unicode: false,
      inlineRefs: false,
      code: { source: true, esm: true, lines: true },
      schemas: Object.fromEntries(Object.values(target.exports).map((name) => [name, toJson(schemas[name])]))
    })
    ajv.addKeyword(rangeOfDurations(_, str))
    const code = standalone(ajv, target.exports)
    if (/\brequire\(/.test(code))
      throw new Error(`${target.to} would need require(): ${/require\([^)]*\)/.exec(code)}`)
    writeFileSync(to, code)
    written.push(target.to)
  }
  return written
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
function schemaFiles(from) {
  const folder = new URL('./', new URL(from, root))
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => /^(?:[\w-]+-)?schema(?:-[\w-]+)?\.js$/.test(name))
    .map((name) => new URL(name, folder))
}

// TypeBox keeps its own marks on hidden keys; JSON has none.
// Names and descriptions are for the reference and the types only.
const ANNOTATIONS = ['description', 'title', 'tsType']
const toJson = (schema) =>
  shareParts(
    JSON.parse(
      JSON.stringify(schema, (key, value) =>
        ANNOTATIONS.includes(key) && typeof value === 'string' ? undefined : value
      )
    )
  )

/** A part shorter than this, in characters of JSON, is cheaper repeated. */
const SHORTEST = 40

// Ajv writes code for every place a part stands in; parts that stand in several become definitions.
function shareParts(schema) {
  const counts = new Map()
  walk(schema, (part) => {
    const text = JSON.stringify(part)
    counts.set(text, (counts.get(text) ?? 0) + 1)
  })
  const names = new Map()
  const $defs = {}
  const replaced = (value, top) => {
    if (Array.isArray(value)) return value.map((item) => replaced(item, false))
    if (typeof value !== 'object' || value === null) return value
    const text = JSON.stringify(value)
    const shared = !top && isSchema(value) && text.length >= SHORTEST && counts.get(text) > 1
    if (shared && names.has(text)) return referenceTo(names.get(text), value)
    const copy = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, replaced(part, false)]))
    if (!shared) return copy
    const name = `part${names.size}`
    names.set(text, name)
    $defs[name] = copy
    return referenceTo(name, value)
  }
  return { ...replaced(schema, true), $defs }
}

// The keys of an object stay beside its place: hints about keys that stand one level too high need them.
function referenceTo(name, { properties, anyOf = [] }) {
  const keys = [properties, ...anyOf.map((kind) => kind.properties)].flatMap((given) =>
    Object.keys(given ?? {})
  )
  return { $ref: `#/$defs/${name}`, ...(keys.length === 0 ? {} : { keys }) }
}

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
