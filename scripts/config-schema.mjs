// Writes packages/config/gateway.schema.json from the schemas of all packages, for editors and for other programs. With --check
// it only says if the file is stale.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { composeSchemas } from './fragments.mjs'

const file = new URL('../packages/config/gateway.schema.json', import.meta.url)
/** What only our build and our validators know. */
const OURS = new Set(['tsType', 'lasts', 'rule', 'kinds', 'discriminator', '~kind', '~optional'])
/** A reference to the environment or a file may stand where a text, a number or a truth value does. */
const REFERENCE = '\\$\\{'

const { config, server } = await composeSchemas()
const definitions = new Map()
const properties = {
  $schema: { type: 'string', description: 'This schema, for editors.' },
  include: {
    description: 'Files and folders that this file goes on with: paths, relative to it.',
    anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }]
  },
  ...config.properties,
  ...server.properties
}
const whole = mapOf(plain({ ...config, title: 'Gatewright', properties }))
const text = `${JSON.stringify({
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'https://gatewright.dev/gateway.schema.json',
  ...whole,
  definitions: Object.fromEntries(definitions)
})}\n`

if (!process.argv.includes('--check')) writeFileSync(file, text)
else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
  console.error('packages/config/gateway.schema.json is stale: run `node scripts/config-schema.mjs`')
  process.exitCode = 1
}

/** A schema by the standard's keywords alone. */
function plain(schema) {
  if (typeof schema !== 'object' || schema === null) return schema
  if (Array.isArray(schema)) return schema.map(plain)
  const copy = {}
  for (const [key, value] of Object.entries(schema)) {
    if (OURS.has(key)) continue
    copy[key] = key === 'properties' || key === 'patternProperties' ? eachOf(value, plain) : plain(value)
  }
  if (['integer', 'number', 'boolean'].includes(copy.type))
    return { ...copy, type: [copy.type, 'string'], pattern: REFERENCE }
  if (typeof copy.pattern === 'string') copy.pattern = `(?:${copy.pattern})|${REFERENCE}`
  return copy
}

/** A schema in which objects that have a title, and more than one place, stand once. */
function mapOf(schema) {
  if (typeof schema !== 'object' || schema === null) return schema
  if (Array.isArray(schema)) return schema.map(mapOf)
  const copy = eachOf(schema, mapOf)
  const { title } = copy
  if (title === undefined || title === 'Gatewright') return copy
  for (let number = 1; ; number++) {
    const name = number === 1 ? title : `${title}${number}`
    const known = definitions.get(name)
    if (known === undefined) definitions.set(name, copy)
    else if (JSON.stringify(known) !== JSON.stringify(copy)) continue
    return { $ref: `#/definitions/${name}` }
  }
}

function eachOf(map, change) {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]))
}
