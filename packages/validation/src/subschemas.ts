/** A schema within a schema, and where: a JSON pointer. */
export interface Subschema {
  readonly at: string
  readonly schema: Readonly<Record<string, unknown>>
}

const ONE = [
  'additionalItems',
  'additionalProperties',
  'contains',
  'contentSchema',
  'else',
  'if',
  'items',
  'not',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties'
]
const LISTS = ['allOf', 'anyOf', 'items', 'oneOf', 'prefixItems']
const MAPS = ['$defs', 'definitions', 'dependencies', 'dependentSchemas', 'patternProperties', 'properties']

/** How deep schemas may stand in each other. */
const DEEPEST = 100

/** The schema, and every one in it. Throws a RangeError where they are more than {@link DEEPEST} deep, or hold themselves. */
export function* subschemasOf(schema: unknown, at = '', depth = 0): Iterable<Subschema> {
  if (!isObject(schema)) return
  if (depth > DEEPEST) throw new RangeError(`is more than ${DEEPEST} schemas deep, or holds itself`)
  yield { at, schema }
  for (const name of ONE) yield* subschemasOf(schema[name], `${at}/${name}`, depth + 1)
  for (const name of LISTS) {
    const list = schema[name]
    if (Array.isArray(list))
      for (const [index, one] of list.entries()) yield* subschemasOf(one, `${at}/${name}/${index}`, depth + 1)
  }
  for (const name of MAPS) {
    const map = schema[name]
    if (isObject(map))
      for (const key of Object.keys(map))
        yield* subschemasOf(map[key], `${at}/${name}/${escaped(key)}`, depth + 1)
  }
}

/** A name as a step of a JSON pointer (RFC 6901, section 3). */
export function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
