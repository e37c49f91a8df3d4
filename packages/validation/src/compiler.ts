import { createRequire } from 'node:module'
import { didYouMean, show } from '@gatewright/core'
import type { Ajv, Options, ValidateFunction } from 'ajv'
import type { JsonSchema } from './json-schema.js'
import { schemaDangers } from './schema-dangers.js'
import { subschemasOf } from './subschemas.js'

/** A value that is not what a schema asks for, as Ajv tells it. */
export interface Mismatch {
  readonly keyword: string
  /** Where: a JSON pointer. */
  readonly instancePath: string
  readonly params: Readonly<Record<string, unknown>>
  readonly message?: string
}

/** A schema, ready for values. */
export interface CompiledSchema {
  /** Whether a value is valid; stops at the first problem. */
  accepts(value: unknown): boolean
  /** The problems of a value that is not: the first one, or with `all` every one. */
  problems(value: unknown, all: boolean): readonly Mismatch[]
}

/** A schema that cannot be used. */
export class SchemaError extends Error {
  /** A JSON pointer into the schema, or `''`. */
  readonly at: string

  constructor(at: string, message: string) {
    super(message)
    this.at = at
  }
}

type Draft = 'draft-07' | '2020-12'

const OPTIONS: Options = {
  strict: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  // What an object inherits, such as `constructor`, is no property that was sent.
  ownProperties: true,
  logger: false,
  validateSchema: false
}

/**
 * Compiles JSON Schemas by Ajv, which is loaded with the first one. Nothing outside a schema is fetched: a `$ref` must lead to a part
 * of its own.
 */
export class SchemaCompiler {
  #compiled = new WeakMap<object, Map<boolean, CompiledSchema>>()

  /** The schema for a value; the same one again is not compiled again. Throws {@link SchemaError}. `coerce`: texts may stand for numbers. */
  compile(schema: JsonSchema, coerce: boolean): CompiledSchema {
    if (typeof schema === 'boolean') return this.#compile(schema ? {} : { not: {} }, coerce)
    const known = this.#compiled.get(schema)?.get(coerce)
    if (known !== undefined) return known
    const made = this.#compile(schema, coerce)
    const variants = this.#compiled.get(schema) ?? new Map<boolean, CompiledSchema>()
    this.#compiled.set(schema, variants.set(coerce, made))
    return made
  }

  /** Forgets what was compiled: somebody may change a schema, and give the same object again. */
  forget(): void {
    this.#compiled = new WeakMap()
  }

  #compile(schema: object, coerce: boolean): CompiledSchema {
    checkDangers(schema)
    const draft = draftOf(schema)
    this.#checkForm(schema, draft)
    const first = this.#validator(schema, draft, coerce, false)
    const all = this.#validator(schema, draft, coerce, true)
    return {
      accepts: (value) => first(value) === true,
      problems(value, every) {
        const validate = every ? all : first
        return validate(value) ? [] : (validate.errors ?? [])
      }
    }
  }

  #validator(schema: object, draft: Draft, coerce: boolean, allErrors: boolean): ValidateFunction {
    const engine = engineFor(draft, coerce, allErrors)
    try {
      return engine.compile(schema)
    } catch (error) {
      throw asSchemaError(error, schema, engine)
    } finally {
      engine.removeSchema(schema)
      const { $id } = schema as { readonly $id?: unknown }
      if (typeof $id === 'string') engine.removeSchema($id)
    }
  }

  // The schema of schemas takes longer to compile than all else, and is needed once.
  #checkForm(schema: object, draft: Draft): void {
    const engine = engineFor(draft, false, false)
    try {
      if (engine.validateSchema(schema, true) !== true) throw new Error(engine.errorsText())
    } catch (error) {
      throw asSchemaError(error, schema, engine)
    }
  }
}

/** By draft and options. They keep nothing of the schemas, and have the schema of schemas compiled: all gateways use the same ones. */
const engines = new Map<string, Ajv>()

function engineFor(draft: Draft, coerce: boolean, allErrors: boolean): Ajv {
  const id = `${draft} ${coerce} ${allErrors}`
  const known = engines.get(id)
  if (known !== undefined) return known
  const require = createRequire(import.meta.url)
  const { default: Engine } = require(draft === '2020-12' ? 'ajv/dist/2020.js' : 'ajv') as AjvModule
  const engine = new Engine({ ...OPTIONS, allErrors, coerceTypes: coerce ? 'array' : false })
  const { default: addFormats } = require('ajv-formats') as { default: (engine: Ajv) => void }
  addFormats(engine)
  engines.set(id, engine)
  return engine
}

interface AjvModule {
  readonly default: new (options: Options) => Ajv
}

function draftOf({ $schema = '' }: { readonly $schema?: unknown }): Draft {
  return /draft-0[67]/.test(String($schema)) ? 'draft-07' : '2020-12'
}

function checkDangers(schema: object): void {
  try {
    for (const danger of schemaDangers(schema)) {
      const colon = danger.indexOf(': ')
      throw new SchemaError(danger.slice(0, colon), danger.slice(colon + 2))
    }
  } catch (error) {
    throw error instanceof RangeError ? new SchemaError('', error.message) : error
  }
}

// Ajv says where only sometimes.
function asSchemaError(error: unknown, schema: object, engine: Ajv): SchemaError {
  const { message } = error as Error
  const [, keyword] = /unknown keyword: "(.*)"$/.exec(message) ?? []
  if (keyword !== undefined) {
    const known = Object.keys(engine.RULES.keywords)
    return new SchemaError(
      placeOf(keyword, schema),
      `unknown keyword ${show(keyword)}${didYouMean(keyword, known, 0)}`
    )
  }
  const [, said = '', invalid = ''] = /^schema is invalid: data(\S*) (.*)$/s.exec(message) ?? []
  if (invalid !== '') return new SchemaError(said, invalid.replace(/, data.*$/s, ''))
  if (message.startsWith("can't resolve reference"))
    return new SchemaError(
      placeOf('$ref', schema),
      `${message.replace(/ from id.*$/s, '')}: it must lead to a part of this schema, as nothing is fetched`
    )
  return new SchemaError('', message.replace(/^strict mode: /, ''))
}

function placeOf(keyword: string, schema: object): string {
  for (const { at, schema: part } of subschemasOf(schema)) if (Object.hasOwn(part, keyword)) return at
  return ''
}
