import { createRequire } from 'node:module'
import { type DurationLimits, isInRange, rangeRule } from './duration-range.js'
import { keyHint, valueHint } from './hints.js'
import { didYouMean, nearest } from './nearest.js'
import { ruleOf, ruleOfAny, short, show } from './rule-words.js'

/** One finding of a {@link Validator}, in Ajv's form. */
export interface SchemaError {
  readonly keyword: string
  /** Where: a JSON pointer. */
  readonly instancePath: string
  readonly params: Readonly<Record<string, unknown>>
  /** The value of the keyword. */
  readonly schema?: unknown
  /** The schema that the keyword stands in. */
  readonly parentSchema?: Readonly<Record<string, unknown>>
  /** The value found. */
  readonly data?: unknown
}

/** A validation function made by Ajv with `allErrors` and `verbose`. */
export interface Validator {
  (value: unknown): boolean
  errors?: SchemaError[] | null
  /** The keys of the objects that a valid value may be, for hints. */
  keys?: readonly string[]
}

/**
 * Compiles a JSON Schema at run time, with Fastify's own compiler; the same schema once. The compiler is loaded on first use: the
 * gateway's own schemas are compiled when the packages are built, which saves a third of a cold start.
 */
export function compileValidator(schema: object): Validator {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  // A compiler knows schemas by their ids: two of the same one may come from two copies of a package.
  const compile = '$id' in schema ? createCompiler() : sharedCompiler()
  const made = compile({ schema })
  compiled.set(schema, made)
  return made
}

const compiled = new WeakMap<object, Validator>()
let shared: Compile | undefined

// Its schema of schemas takes longer to compile than all else.
function sharedCompiler(): Compile {
  shared ??= createCompiler()
  return shared
}

function createCompiler(): Compile {
  const AjvCompiler = createRequire(import.meta.url)('@fastify/ajv-compiler') as CompilerFactory
  const customOptions = {
    allErrors: true,
    coerceTypes: false,
    discriminator: true,
    keywords: [{ keyword: 'lasts', type: 'string', schemaType: 'object', validate: isInRange }],
    strict: false,
    verbose: true
  }
  return AjvCompiler()(
    {},
    { customOptions: { ...customOptions, removeAdditional: false, useDefaults: false } }
  )
}

type Compile = (route: { readonly schema: object }) => Validator
type CompilerFactory = () => (shared: object, options: { readonly customOptions: object }) => Compile

/** One sentence per problem of `value`, each beginning with its path below `at`; empty when it is valid. */
export function schemaProblems(validate: Validator, value: unknown, at = ''): string[] {
  if (validate(value)) return []
  const sentences = new Set<string>()
  const places = byPlace(validate.errors ?? [])
  for (const [pointer, errors] of places) {
    const place = placeOf(pointer, at, value)
    for (const text of sentencesAt(errors))
      sentences.add(`${place === '' ? 'the configuration' : place}: ${text}`)
  }
  return [...sentences]
}

/** The problem at one path. */
interface Mistakes {
  readonly errors: SchemaError[]
  /** Whether something is wrong inside the value, too: its kind is right then. */
  inside: boolean
}

function byPlace(errors: readonly SchemaError[]): Map<string, Mistakes> {
  const places = new Map<string, Mistakes>()
  for (const error of errors) {
    const place = places.get(error.instancePath)
    if (place === undefined) places.set(error.instancePath, { errors: [error], inside: false })
    else place.errors.push(error)
  }
  for (const pointer of places.keys())
    for (let end = pointer.lastIndexOf('/'); end >= 0; end = pointer.lastIndexOf('/', end - 1)) {
      const outer = places.get(pointer.slice(0, end))
      if (outer !== undefined) outer.inside = true
      if (end === 0) break
    }
  return places
}

/** Of a value that may be one of several things, these say which one it is not. */
const OF_KIND = ['type', 'const', 'pattern']
/** One kind of object among several has a name that none has. */
const NO_SUCH_KIND = 'discriminator'
const OF_KEYS = ['additionalProperties', 'required']

function* sentencesAt({ errors, inside }: Mistakes): Iterable<string> {
  const kinds = errors.filter(({ keyword }) => OF_KIND.includes(keyword))
  const keys = errors.filter(({ keyword }) => OF_KEYS.includes(keyword))
  const others = errors.filter(
    ({ keyword }) => ![...OF_KIND, ...OF_KEYS, NO_SUCH_KIND, 'anyOf', 'oneOf'].includes(keyword)
  )
  for (const error of errors) if (error.keyword === NO_SUCH_KIND) yield* kindSentence(error)
  yield* keySentences(keys, inside)
  for (const error of others) {
    const { keyword, schema, parentSchema } = error
    // The rule of its kind is kept where a duration is too short or too long.
    const rule = keyword === 'lasts' ? rangeRule(schema as DurationLimits) : ruleOf(parentSchema as object)
    yield `${given([error])} must be ${rule}`
  }
  const union = errors.length > kinds.length + keys.length + others.length
  if (kinds.length === 0 || (union && (inside || keys.length > 0 || others.length > 0))) return
  const schemas = kinds.map(({ parentSchema }) => parentSchema as object)
  yield `${given(kinds)} must be ${ruleOfAny(schemas)}${guess(kinds)}`
}

// One without a name of its kind lacks a key.
function* kindSentence({ params, parentSchema }: SchemaError): Iterable<string> {
  const { error, tag, tagValue } = params
  if (error !== 'mapping') return
  const kinds = (parentSchema as { readonly kinds?: readonly string[] }).kinds ?? []
  const named = didYouMean(short(String(tagValue)), kinds)
  yield `${String(tag)}: there is no ${String(tag)} ${show(tagValue)}${named}`
}

// If several object types are allowed, only the intended one is reported. If its content is wrong, that may be
// one whose keys are right.
function* keySentences(errors: readonly SchemaError[], inside: boolean): Iterable<string> {
  const candidates = new Map<object, SchemaError[]>()
  for (const error of errors) {
    const schema = error.parentSchema as object
    candidates.set(schema, [...(candidates.get(schema) ?? []), error])
  }
  const foreign = foreignObject(errors[0]?.data)
  if (foreign !== undefined) return yield foreign
  const ranked = [...candidates].sort(([a], [b]) => keysMet(b, errors) - keysMet(a, errors))
  const [best] = ranked
  if (best === undefined) return
  const missing = ranked.flatMap(([, own]) => own.filter(({ keyword }) => keyword === 'required'))
  const isAny = ranked.length > 1 && keysMet(best[0], errors) === 0 && missing.length > 1
  if (isAny && inside) return
  if (isAny)
    yield `give one of ${missing.map(({ params }) => `'${String(params.missingProperty)}'`).join(', ')}`
  else for (const error of best[1]) yield keySentence(error)
}

function keysMet(schema: object, [error]: readonly SchemaError[]): number {
  const known = propertiesOf(schema)
  return Object.keys((error?.data as object | undefined) ?? {}).filter((key) => known.includes(key)).length
}

/** What an object says that is none of a configuration's own: its keys are those of its class. */
export function foreignObject(value: unknown): string | undefined {
  if (value instanceof URL) return `a URL object must be given as its text: '${value.href}'`
  const shown = show(value)
  return shown.startsWith('an instance') ? `${shown} must be a plain object` : undefined
}

function keySentence({ keyword, params, parentSchema }: SchemaError): string {
  if (keyword === 'required') return `'${String(params.missingProperty)}' is missing`
  const key = short(String(params.additionalProperty))
  return `unknown key '${key}'${keyHint(key, parentSchema as object)}`
}

function propertiesOf({ properties = {} }: { readonly properties?: object }): string[] {
  return Object.keys(properties)
}

// A secret stays out of messages and logs.
function given(errors: readonly SchemaError[]): string {
  return isSecret(errors) ? 'the value' : show(errors[0]?.data)
}

function isSecret(errors: readonly SchemaError[]): boolean {
  return errors.some(
    ({ parentSchema }) => (parentSchema as { readonly writeOnly?: boolean }).writeOnly === true
  )
}

function guess(errors: readonly SchemaError[]): string {
  const value = errors[0]?.data
  const literals = new Map(
    errors.flatMap(({ keyword, schema }) => (keyword === 'const' ? [[String(schema), schema]] : []))
  )
  const name = typeof value === 'string' ? nearest(short(value), literals.keys()) : undefined
  if (name !== undefined) return `; did you mean ${show(literals.get(name))}?`
  if (isSecret(errors)) return ''
  const schemas = errors.map(({ parentSchema }) => parentSchema as object)
  return valueHint(typeof value === 'string' ? short(value) : value, schemas)
}

function placeOf(pointer: string, at: string, value: unknown): string {
  let place = at
  let here = value as Record<string, unknown>
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    place += Array.isArray(here) ? `[${key}]` : `.${short(key)}`
    here = here[key] as Record<string, unknown>
  }
  return place.replace(/^\./, '')
}
