import { checkRegExp, show } from '@gatewright/core'
import { type Subschema, subschemasOf } from './subschemas.js'

/** Most items of which it may be asked whether they are unique, where each is compared with each. */
const MOST_COMPARED = 1_000
/** Formats of `ajv-formats` that were measured: 60 KB take one of them two seconds, and a megabyte the other ten. */
const SLOW_FORMATS: ReadonlyMap<unknown, string> = new Map([
  ['url', "'uri' and a 'pattern'"],
  ['regex', "'maxLength'"]
])
const SCALARS: ReadonlySet<unknown> = new Set(['string', 'number', 'integer', 'boolean', 'null'])

/**
 * Yields what makes a schema dangerous to apply to what clients send: patterns that could take more than linear time,
 * comparisons of each item with each, and schemas that answer with a promise, which is always true. Each begins with a
 * JSON pointer. Throws a RangeError for one that holds itself.
 */
export function* schemaDangers(root: unknown): Iterable<string> {
  for (const subschema of subschemasOf(root)) {
    const { at, schema } = subschema
    if (schema.$async !== undefined) yield `${at}/$async: is not supported`
    const instead = SLOW_FORMATS.get(schema.format)
    if (instead !== undefined)
      yield `${at}/format: '${schema.format}' could take more than linear time; use ${instead} instead`
    yield* patterns(subschema)
    if (schema.uniqueItems === true && !isBounded(schema))
      yield `${at}/uniqueItems: compares each item with each; give 'maxItems' of at most ${MOST_COMPARED}, or items of a type that is neither object nor array`
  }
}

function* patterns({ at, schema }: Subschema): Iterable<string> {
  const { pattern, patternProperties } = schema
  if (typeof pattern === 'string') yield* danger(pattern, `${at}/pattern`)
  if (typeof patternProperties === 'object' && patternProperties !== null)
    for (const one of Object.keys(patternProperties)) yield* danger(one, `${at}/patternProperties`)
}

function* danger(pattern: string, at: string): Iterable<string> {
  const problem = checkRegExp(withoutDot(pattern))
  if (problem !== undefined) yield `${at}: ${show(pattern)} ${problem}`
}

// The check reads a dot as any character, and that verdict does not hold where it stops at line breaks, as in a schema.
function withoutDot(pattern: string): string {
  return pattern.replaceAll(/\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|\./g, (part) =>
    part === '.' ? '[^\\n\\r\\u2028\\u2029]' : part
  )
}

function isBounded({ maxItems, items }: Readonly<Record<string, unknown>>): boolean {
  if (typeof maxItems === 'number' && maxItems <= MOST_COMPARED) return true
  const { type } = (items ?? {}) as { readonly type?: unknown }
  return type !== undefined && [type].flat().every((one) => SCALARS.has(one))
}
