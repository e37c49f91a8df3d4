// Writes src/config/config.ts of core and of each package that adds keys, from the schemas: an interface for each object, a
// comment for each key.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { loadCore, loadFragments } from './fragments.mjs'

const root = new URL('../', import.meta.url)

/** Where core's types come from that only TypeScript can say. */
const SOURCES = {
  './balancing-config.js': ['BalancingConfig'],
  './duration.js': ['Duration'],
  './method.js': ['Method'],
  './reason.js': ['Reason'],
  './hooks.js': ['RouteHandler', 'RouteHooks'],
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

/** The rules of the project say why a file may be longer. */
const MAX_LINES = 200
const LONG = '// Long because it has every key of the configuration, with its meaning.\n'
const HEAD = '// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.'

/** Brings the files up to date with the compiled schemas. Whether any had to be changed. */
export async function writeConfigTypes() {
  let changed = false
  for (const [path, text] of [await coreTypes(), ...(await fragmentTypes())]) {
    const file = new URL(path, root)
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue
    writeFileSync(file, text)
    changed = true
  }
  return changed
}

async function coreTypes() {
  const { ConfigSchema, NativeRouteSchema } = await loadCore()
  const named = new Map()
  for (const schema of [ConfigSchema, NativeRouteSchema]) collect(schema, named)
  const body = [...named.values()].map((schema) => declare(schema)).join('\n\n')
  return [FILE('packages/core/'), fileOf(body, SOURCES)]
}

/** The types of each package that adds keys, and those keys on core's interfaces. */
async function fragmentTypes() {
  const fragments = await loadFragments()
  const ofCore = { '@gatewright/core': Object.values(SOURCES).flat() }
  return fragments.map(({ name, folder, keys, sources, own }) => {
    const named = new Map()
    for (const { schema } of Object.values(keys)) collect(schema, named)
    if (own !== null) collect(own, named)
    const declarations = [...named.values()].map((schema) => declare(schema))
    if (own === null) declarations.unshift(augmentation(keys))
    const others = name === 'gateway' ? featureTypes(fragments.filter((one) => one.own === null)) : ''
    return [
      FILE(folder),
      fileOf(
        declarations.join('\n\n') + others,
        own === null
          ? { ...ofCore, ...sources }
          : { '@gatewright/core': ['GatewayConfig', ...ofCore['@gatewright/core']], ...sources }
      )
    ]
  })
}

const FILE = (folder) => `${folder}src/config/config.ts`

function fileOf(body, sources) {
  const imports = Object.entries(sources).flatMap(([from, names]) => {
    const used = names.filter((name) => new RegExp(`\\b${name}\\b`).test(body))
    return used.length === 0 ? [] : [`import type { ${used.join(', ')} } from '${from}'`]
  })
  const long = body.split('\n').length > MAX_LINES ? LONG : ''
  return `${long}${HEAD}\n${[...imports, ''].join('\n')}\n${body}\n`
}

/** The interfaces of core that a key stands on, by the places that it names. */
const INTERFACES = {
  gateway: ['GatewayConfig<P extends string = string, U extends string = string>'],
  pool: ['PoolConfig<B extends string = never>'],
  policy: ['PolicyConfig<P extends string = string>'],
  route: [
    'PathlessRouteConfig<P extends string = string, U extends string = string>',
    'NativeRouteConfig<P extends string = string, U extends string = string>'
  ]
}

function augmentation(keys) {
  const parts = Object.entries(INTERFACES).flatMap(([place, interfaces]) => {
    const lines = Object.entries(keys).flatMap(([name, { on, schema }]) =>
      on.includes(place)
        ? [`${comment(meaningOf(name, schema), '    ')}\n    ${name}?: ${typeOf(schema)}`]
        : []
    )
    return lines.length === 0 ? [] : interfaces.map((one) => `  interface ${one} {\n${lines.join('\n')}\n  }`)
  })
  return `declare module '@gatewright/core' {\n${parts.join('\n')}\n}`
}

// What features add to the configuration is seen by whoever imports the gateway alone.
function featureTypes(fragments) {
  const lines = fragments.map(({ name, keys }) => {
    const named = new Map()
    for (const { schema } of Object.values(keys)) collect(schema, named)
    return `export type { ${[...named.keys()].toSorted().join(', ')} } from '@gatewright/${name}'`
  })
  return `\n\n${comment('The configuration of `createGateway`. `P` are its pool ids, `U` its policy ids.')}
export interface GatewayServerConfig${parameters(['P', 'U'])} extends GatewayConfig<P, U>, ServerOptions {}\n\n${lines.join('\n')}`
}

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
