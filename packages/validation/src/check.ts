import { type SchemaCompiler, SchemaError } from './compiler.js'
import type { ValidationConfig, ValidationOptions } from './config/config.js'
import { HEAD_PARTS } from './settings.js'
import { subschemasOf } from './subschemas.js'

const STATUS = /^(?:[1-5]\d\d|[1-5][xX]{2}|default)$/
const ONLY_WITH_BODY = ['bodyRequired', 'otherMediaTypes', 'maxBytes'] as const

/** Yields the problems of `validation` that its own schema cannot see: those of the schemas in it, above all. */
export function* checkValidation(
  config: ValidationConfig,
  at: string,
  compiler: SchemaCompiler
): Iterable<string> {
  if (config === false) return
  compiler.forget()
  const { body, response } = config
  const parts = HEAD_PARTS.filter((part) => config[part] !== undefined)
  if (body === undefined && response === undefined && parts.length === 0)
    yield `${at}: checks nothing; give 'body', 'query', 'headers', 'params' or 'response'`
  if (body === undefined) {
    for (const name of ONLY_WITH_BODY)
      if (config[name] !== undefined) yield `${at}.${name}: does nothing without 'body'`
  } else yield* checkSchema(body, `${at}.body`, false, compiler)
  if (config.coerce !== undefined && parts.length === 0)
    yield `${at}.coerce: does nothing without 'query', 'headers' or 'params'`
  for (const part of parts) {
    const schema = config[part]
    yield* checkSchema(schema, `${at}.${part}`, config.coerce ?? true, compiler)
    if (part === 'headers') yield* checkNames(schema, `${at}.headers`)
  }
  for (const [status, schema] of Object.entries(response?.bodies ?? {})) {
    if (STATUS.test(status)) yield* checkSchema(schema, `${at}.response.bodies.${status}`, false, compiler)
    else yield `${at}.response.bodies: '${status}' must be a status, '2xx' or the like, or 'default'`
  }
}

function* checkSchema(
  schema: ValidationOptions['body'] | unknown,
  at: string,
  coerce: boolean,
  compiler: SchemaCompiler
): Iterable<string> {
  if (
    typeof schema !== 'boolean' &&
    (typeof schema !== 'object' || schema === null || Array.isArray(schema))
  ) {
    yield `${at}: must be a JSON Schema: an object, or true or false`
    return
  }
  try {
    compiler.compile(schema, coerce)
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error
    yield `${at}${error.at === '' ? '' : `${error.at}`}: ${error.message}`
  }
}

// Node has all names in lower case; another would never be there.
function* checkNames(schema: unknown, at: string): Iterable<string> {
  try {
    for (const { at: within, schema: part } of subschemasOf(schema)) {
      if (within !== '') continue
      const { properties = {}, required = [] } = part as { properties?: object; required?: unknown }
      for (const name of [...Object.keys(properties), ...[required].flat()])
        if (typeof name === 'string' && name !== name.toLowerCase())
          yield `${at}: '${name}' must be in lower case, as header names are here`
    }
  } catch {
    // The schema itself is told of.
  }
}
