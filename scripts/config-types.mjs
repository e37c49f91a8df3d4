// Writes packages/core/src/config/config.ts from the schemas: an interface for each object, a comment for each key.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const root = new URL('../', import.meta.url)
const file = new URL('packages/core/src/config/config.ts', root)

/** Where the types that only TypeScript can say come from. */
const SOURCES = {
  '../model/balancing.js': ['BalancingConfig'],
  './callbacks.js': ['BodyPredicate', 'DiscoverySource', 'HealthCheck', 'LogSink'],
  './duration.js': ['Duration', 'HedgeDelay'],
  './method.js': ['Method'],
  '../model/reason.js': ['Reason'],
  '../model/route.js': ['RouteHandler', 'RouteHooks'],
  './size.js': ['Size']
}

/** Type parameters: the ids that a configuration declares. */
const PARAMETERS = { P: 'pool ids', U: 'policy ids' }

/** A parameter that one interface has for itself. */
const OWN_PARAMETERS = {
  PoolConfig: ['B extends string = never', "`B` are balancing policies of the app's own."]
}

/** An interface without one of its keys, under a name of its own. */
const BASES = { RouteConfig: ['path', 'PathlessRouteConfig', 'What a route has beside its path.'] }

const HEAD = `// Long because it has every key of the configuration, with its meaning.
// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.`

/** Brings the file up to date with the compiled schemas. Whether it had to be changed. */
export async function writeConfigTypes() {
  const text = await configTypes()
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return false
  writeFileSync(file, text)
  return true
}

async function configTypes() {
  const { ConfigSchema, NativeRouteSchema } = await schemas('schema')
  const { ServerOptionsSchema } = await schemas('schema-server')
  const named = new Map()
  for (const schema of [ConfigSchema, NativeRouteSchema, ServerOptionsSchema]) collect(schema, named)
  const declarations = [...named.values()].map((schema) => declare(schema))
  declarations.push(`${comment('The configuration of `createGateway`. `P` are its pool ids, `U` its policy ids.')}
export interface GatewayServerConfig${parameters(['P', 'U'])} extends GatewayConfig<P, U>, ServerOptions {}`)
  const body = declarations.join('\n\n')
  const imports = Object.entries(SOURCES).flatMap(([from, names]) => {
    const used = names.filter((name) => new RegExp(`\\b${name}\\b`).test(body))
    return used.length === 0 ? [] : [`import type { ${used.join(', ')} } from '${from}'`]
  })
  return `${HEAD}\n${imports.join('\n')}\n\n${body}\n`
}

const schemas = (name) => import(new URL(`packages/core/dist/config/${name}.js`, root))

/** Every schema with a title, those that use others first. */
function collect(schema, named) {
  if (schema.title !== undefined) {
    if (named.has(schema.title)) return
    named.set(schema.title, schema)
  } else if (schema.properties !== undefined)
    throw new Error(`an object without a title: ${Object.keys(schema.properties)}`)
  for (const part of partsOf(schema)) collect(part, named)
}

const partsOf = ({ properties = {}, items, patternProperties = {}, anyOf = [] }) => [
  ...Object.values(properties),
  ...(items === undefined ? [] : [items]),
  ...Object.values(patternProperties),
  ...anyOf
]

function declare(schema) {
  const { title, description, properties } = schema
  const used = parametersOf(schema)
  const about = used.map((name) => `\`${name}\` are its ${PARAMETERS[name]}.`)
  const [own, ownAbout] = OWN_PARAMETERS[title] ?? []
  const head = comment([description, ...about, ownAbout ?? ''].join(' ').trim())
  if (properties === undefined) return `${head}\nexport type ${title} = ${unionOf(schema)}`
  const keys = new Map(
    Object.entries(properties).map(([key, property]) => {
      const optional = schema.required?.includes(key) ? '' : '?'
      const type = typeOf(property, title)
      return [key, `${comment(meaningOf(key, property), '  ')}\n  ${key}${optional}: ${type}`]
    })
  )
  const parametersText = own === undefined ? parameters(used) : `<${own}>`
  const [apart, base, baseMeaning] = BASES[title] ?? []
  if (base === undefined) return declaration(head, `${title}${parametersText}`, [...keys.values()])
  const key = keys.get(apart)
  keys.delete(apart)
  return [
    declaration(comment(baseMeaning), `${base}${parametersText}`, [...keys.values()]),
    declaration(head, `${title}${parametersText} extends ${base}<${used.join(', ')}>`, [key])
  ].join('\n\n')
}

const declaration = (head, name, keys) => `${head}\nexport interface ${name} {\n${keys.join('\n')}\n}`

/** The type parameters that a schema needs, for itself or for what it is made of. */
function parametersOf(schema) {
  const found = new Set()
  const visit = (part) => {
    if (part.tsType in PARAMETERS) found.add(part.tsType)
    for (const inner of partsOf(part)) visit(inner)
  }
  visit(schema)
  return Object.keys(PARAMETERS).filter((name) => found.has(name))
}

const parameters = (names) =>
  names.length === 0 ? '' : `<${names.map((name) => `${name} extends string = string`).join(', ')}>`

function typeOf(schema, inside) {
  if (schema.title !== undefined) return reference(schema, inside)
  if (schema.tsType !== undefined) return schema.tsType
  if (schema.const !== undefined)
    return typeof schema.const === 'string' ? `'${schema.const}'` : String(schema.const)
  if (schema.anyOf !== undefined) return unionOf(schema, inside)
  if (schema.items !== undefined) {
    const item = typeOf(schema.items, inside)
    return `readonly ${item.includes(' | ') ? `(${item})` : item}[]`
  }
  for (const value of Object.values(schema.patternProperties ?? {}))
    return `Record<${keysOf(value)}, ${typeOf(value, inside)}>`
  const type = schema.type === 'integer' ? 'number' : schema.type
  if (type === undefined) throw new Error(`a schema without a type: ${JSON.stringify(schema)}`)
  return type
}

const unionOf = ({ anyOf }, inside) => anyOf.map((option) => typeOf(option, inside)).join(' | ')

// Pool and policy ids come from these maps alone, so that a route which names another one is the error.
function reference(schema, inside) {
  const used = parametersOf(schema).map((name) => (inside === 'GatewayConfig' ? `NoInfer<${name}>` : name))
  return used.length === 0 ? schema.title : `${schema.title}<${used.join(', ')}>`
}

const keysOf = ({ title }) => ({ PoolConfig: 'P', PolicyConfig: 'U' })[title] ?? 'string'

function meaningOf(key, { description, minimum, maximum, type }) {
  if (!description) throw new Error(`'${key}' has no description`)
  if (minimum === undefined || (type !== 'integer' && type !== 'number')) return description
  const upper = maximum === undefined ? ' or more' : ` to ${maximum}`
  return `${description} ${type === 'integer' ? 'A whole number' : 'A number'}, ${minimum}${upper}.`
}

function comment(text, indent = '') {
  return `${indent}/** ${text.replaceAll('*/', '*\\/')} */`
}
