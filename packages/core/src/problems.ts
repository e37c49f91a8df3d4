import { createRequire } from 'node:module'
import { inspect } from 'node:util'
import type { ErrorObject } from 'ajv'
import { didYouMean } from './nearest.js'

/** A validation function made by Ajv with `allErrors` and `verbose`. */
export interface Validator {
  (value: unknown): boolean
  errors?: ErrorObject[] | null
}

/**
 * Compiles a JSON Schema at run time. Ajv is loaded on first use: the gateway's own schemas are compiled when
 * the packages are built, which saves a third of a cold start.
 */
export function compileValidator(schema: object): Validator {
  const { Ajv } = createRequire(import.meta.url)('ajv') as typeof import('ajv')
  return new Ajv({ allErrors: true, strict: false, verbose: true }).compile(schema) as Validator
}

/** One sentence per problem of `value`, each beginning with its path below `at`; empty when it is valid. */
export function schemaProblems(validate: Validator, value: unknown, at = ''): string[] {
  if (validate(value)) return []
  const all = validate.errors ?? []
  const told = all.filter((error) => error.keyword !== 'anyOf' || isDeepest(error, all))
  return [
    ...new Set(told.filter((error) => !isOtherBranch(error, all)).map((error) => sentence(error, at, value)))
  ]
}

// `anyOf` is worth a sentence of its own only when no branch got further into the value.
function isDeepest(anyOf: ErrorObject, all: readonly ErrorObject[]): boolean {
  return !all.some(
    (error) =>
      error.instancePath.startsWith(`${anyOf.instancePath}/`) ||
      (error.instancePath === anyOf.instancePath && !['anyOf', 'type', 'const'].includes(error.keyword))
  )
}

// "must be string" beside "unknown key" at the same place is the branch the user did not mean.
function isOtherBranch(error: ErrorObject, all: readonly ErrorObject[]): boolean {
  if (error.keyword !== 'type' && error.keyword !== 'const') return false
  return all.some(
    (other) =>
      other !== error &&
      other.keyword !== 'type' &&
      other.keyword !== 'const' &&
      (other.instancePath === error.instancePath || other.instancePath.startsWith(`${error.instancePath}/`))
  )
}

function sentence(error: ErrorObject, at: string, value: unknown): string {
  const path = placeOf(error.instancePath, at, value)
  const where = path === '' ? 'the configuration' : path
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(error.params.additionalProperty)
      const known = Object.keys((error.parentSchema?.properties as object | undefined) ?? {})
      return `${where}: unknown key '${key}'${didYouMean(key, known)}`
    }
    case 'required':
      return `${where}: '${String(error.params.missingProperty)}' is missing`
    case 'pattern':
      return `${where}: ${given(error)} ${patternRule(String(error.schema))}`
    case 'anyOf': {
      const literals = literalsOf(error.schema)
      return literals.length > 0
        ? `${where}: ${given(error)} must be one of ${literals.map(show).join(', ')}${guess(error.data, literals)}`
        : `${where}: ${given(error)} is of the wrong type`
    }
    default:
      return `${where}: ${given(error)} ${error.message ?? 'is not valid'}`
  }
}

// A secret stays out of messages and logs.
function given({ data, parentSchema }: ErrorObject): string {
  return (parentSchema as { writeOnly?: boolean } | undefined)?.writeOnly === true ? 'the value' : show(data)
}

function placeOf(pointer: string, at: string, value: unknown): string {
  let place = at
  let here = value as Record<string, unknown>
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    place += Array.isArray(here) ? `[${key}]` : `.${key}`
    here = here[key] as Record<string, unknown>
  }
  return place.replace(/^\./, '')
}

function literalsOf(schema: unknown): unknown[] {
  const branches = schema as { const?: unknown }[]
  return branches.every((branch) => branch.const !== undefined) ? branches.map((branch) => branch.const) : []
}

function guess(value: unknown, literals: readonly unknown[]): string {
  const hint = typeof value === 'string' ? didYouMean(value, literals.map(String)) : ''
  return hint.includes('did you mean') ? hint : ''
}

function patternRule(pattern: string): string {
  if (pattern.includes('ms|s|m|h')) return "must be a duration such as '250ms', '3s' or '5m'"
  if (pattern.includes('KiB')) return "must be a size such as '64KiB' or '1MiB'"
  return `must match ${pattern}`
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? `'${value}'` : asJson(value)
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

function asJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    // A circle, or a bigint.
    return inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY })
  }
}
