import { printable } from '@gatewright/core'
import type { CompiledSchema, Mismatch } from './compiler.js'
import { escaped } from './subschemas.js'

/** The part of a request or response that a schema is for. */
export type Part = 'body' | 'query' | 'headers' | 'params' | 'response'

/** One problem, as a client is told of it: where, and what the schema asks for. It repeats no value that was sent. */
export interface Invalid {
  readonly in: Part
  /** A JSON pointer (RFC 6901); `''` for the whole part. */
  readonly pointer: string
  readonly detail: string
}

/** Characters of a pointer that are told: names are the client's own. */
const LONGEST = 200
/** Up to this size, all problems are looked for; of a larger value, only the first: a list of a million is as expensive as an attack. */
const FEW_BYTES = 8 * 1024

/** What is wrong with a value; empty for nothing. `bytes`: its size. */
export function problemsOf(
  part: Part,
  schema: CompiledSchema,
  value: unknown,
  bytes: number,
  most: number
): readonly Invalid[] {
  try {
    if (schema.accepts(value)) return []
    const found = new Map<string, Invalid>()
    for (const error of schema.problems(value, bytes <= FEW_BYTES && most > 1)) {
      const invalid = invalidOf(part, error)
      found.set(shown(invalid), invalid)
      if (found.size === most) break
    }
    return [...found.values()]
  } catch (error) {
    // A schema that refers to itself goes as deep as the value.
    if (error instanceof RangeError) return [{ in: part, pointer: '', detail: 'is nested too deeply' }]
    throw error
  }
}

/** A problem in words, for the log: `body /age: must be integer`. */
export function shown({ in: part, pointer, detail }: Invalid): string {
  return `${part}${pointer === '' ? '' : ` ${pointer}`}: ${detail}`
}

function invalidOf(
  part: Part,
  { keyword, instancePath, params, message = 'is not valid' }: Mismatch
): Invalid {
  const at = (name: unknown): string => cut(`${instancePath}/${escaped(String(name))}`)
  if (keyword === 'required') return { in: part, pointer: at(params.missingProperty), detail: 'is required' }
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties')
    return {
      in: part,
      pointer: at(params.additionalProperty ?? params.unevaluatedProperty),
      detail: 'is not allowed'
    }
  return { in: part, pointer: cut(instancePath), detail: message }
}

function cut(pointer: string): string {
  return printable(pointer, LONGEST)
}
