import { didYouMean, nearest } from './nearest.js'
import { calledHere } from './other-names.js'

/** The parts of a JSON Schema that hints are taken from. */
interface Schema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  /** The keys of an object whose schema stands elsewhere. */
  readonly keys?: readonly string[]
}

/** What may be meant by a key that an object does not have: one inside of its own, one of its own, or any of them. */
export function keyHint(key: string, schema: object): string {
  const { properties = {} } = schema as Schema
  const keys = Object.keys(properties)
  if (keys.includes('pools')) {
    if (LISTENING.includes(key)) return '; give it to `listen({ port, host })`'
    const owner = Object.hasOwn(OWNERS, key) ? OWNERS[key] : undefined
    if (owner !== undefined) return `; only ${owner} has it`
  }
  const meant = calledHere(key, keys) ?? within(key, properties) ?? nearest(key, keys)
  return meant === undefined ? didYouMean(key, keys, keys.length) : `; did you mean '${meant}'?`
}

const LISTENING = ['port', 'host', 'listen']

const OWNERS: Readonly<Record<string, string | undefined>> = {
  server: 'createGateway()',
  shutdown: 'createGateway()',
  probes: 'createGateway()',
  logger: 'createGateway()',
  prefix: 'the plugin'
}

// `stripPrefix` of a route is `rewrite.stripPrefix`, if no other of its objects has such a key.
function within(key: string, properties: Readonly<Record<string, Schema>>): string | undefined {
  const places = Object.entries(properties).filter(([, schema]) =>
    kindsOf(schema).some(({ properties = {}, keys = Object.keys(properties) }) => keys.includes(key))
  )
  return places.length === 1 ? `${places[0]?.[0]}.${key}` : undefined
}

/** Keys of an object that are listed in a message. */
const MOST = 12

function kindsOf(schema: Schema): readonly Schema[] {
  return schema.anyOf ?? [schema]
}

/** A hint for a value of the wrong kind: a list of it, or an object with these keys. */
export function valueHint(value: unknown, schemas: readonly object[]): string {
  if (value instanceof RegExp) return '; give the expression as text'
  if (value === null || value === undefined || typeof value === 'object') return ''
  const kinds = schemas as readonly Schema[]
  if (typeof value === 'string' && value !== '' && kinds.some(takesTexts))
    return `; did you mean ['${value}']?`
  const [object, another] = kinds.filter(({ properties = {} }) => Object.keys(properties).length > 0)
  if (object === undefined || another !== undefined) return ''
  const keys = Object.keys(object.properties ?? {}).map((key) => `'${key}'`)
  return `; its keys: ${keys.slice(0, MOST).join(', ')}${keys.length > MOST ? ', …' : ''}`
}

function takesTexts({ type, items = {} }: Schema): boolean {
  return type === 'array' && kindsOf(items).some((kind) => kind.type === 'string')
}
