/** What of OpenAPI's schemas says nothing about values. */
const DROPPED = new Set([
  'example',
  'examples',
  'xml',
  'externalDocs',
  'discriminator',
  'deprecated',
  'readOnly',
  'writeOnly',
  'nullable',
  'title',
  'description',
  'default',
  '$comment'
])

type Json = Record<string, unknown>

/** Schemas of a document, turned into JSON Schemas of their own with what they refer to. */
export class Schemas {
  readonly #document: unknown
  /** What cannot be followed: a reference to another file. */
  unresolved: string | undefined

  constructor(document: unknown) {
    this.#document = document
  }

  /** A JSON Schema with its `$defs`, or `undefined` where a part of it is in another file. */
  own(schema: unknown): Json | undefined {
    this.unresolved = undefined
    const defs = new Map<string, unknown>()
    const root = this.#converted(schema, defs, 0) as Json
    if (this.unresolved !== undefined) return undefined
    return defs.size === 0 ? root : { ...root, $defs: Object.fromEntries(defs) }
  }

  /** What a reference within the document leads to. */
  follow(reference: string): unknown {
    if (!reference.startsWith('#/')) return undefined
    return reference
      .slice(2)
      .split('/')
      .map((step) => decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>(
        (value, step) => (isMap(value) && Object.hasOwn(value, step) ? value[step] : undefined),
        this.#document
      )
  }

  #converted(value: unknown, defs: Map<string, unknown>, depth: number): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#converted(item, defs, depth + 1))
    if (!isMap(value) || depth > 100) return value
    if (typeof value.$ref === 'string') return this.#reference(value.$ref, defs)
    const result: Json = {}
    for (const [key, inner] of Object.entries(value)) {
      if (DROPPED.has(key) || key.startsWith('x-')) continue
      if (key === 'properties' || key === 'patternProperties' || key === '$defs' || key === 'definitions')
        result[key] = isMap(inner)
          ? Object.fromEntries(
              Object.entries(inner).map(([name, each]) => [name, this.#converted(each, defs, depth + 1)])
            )
          : inner
      else if (key === 'enum' || key === 'const' || key === 'required') result[key] = inner
      else result[key] = this.#converted(inner, defs, depth + 1)
    }
    return older(result, value)
  }

  #reference(reference: string, defs: Map<string, unknown>): Json {
    const name = reference.slice(reference.lastIndexOf('/') + 1).replaceAll(/[^\w.-]/g, '_')
    const target = this.follow(reference)
    if (target === undefined) this.unresolved = reference
    else if (!defs.has(name)) {
      defs.set(name, {})
      defs.set(name, this.#converted(target, defs, 0))
    }
    return { $ref: `#/$defs/${name}` }
  }
}

// What OpenAPI 2.0 and 3.0 write otherwise than JSON Schema.
function older(schema: Json, original: Json): Json {
  const result = { ...schema }
  for (const [flag, limit] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum']
  ] as const) {
    if (typeof result[flag] !== 'boolean') continue
    if (result[flag] === true && result[limit] !== undefined) {
      result[flag] = result[limit]
      delete result[limit]
    } else delete result[flag]
  }
  if (result.type === 'file') delete result.type
  if (typeof result.format === 'string' && !FORMATS.has(result.format)) delete result.format
  if (original.nullable !== true) return result
  if (typeof result.type === 'string')
    return {
      ...result,
      type: [result.type, 'null'],
      ...(Array.isArray(result.enum) ? { enum: [...result.enum, null] } : {})
    }
  return { anyOf: [result, { type: 'null' }] }
}

const FORMATS = new Set(['date', 'date-time', 'time', 'email', 'hostname', 'ipv4', 'ipv6', 'uri', 'uuid'])

function isMap(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
