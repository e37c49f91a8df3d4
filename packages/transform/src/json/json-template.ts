import type { EditedRequest } from '@gatewright/core'
import { checkTemplate, Template } from '../template/template.js'
import type { AnswerSource } from '../template/variable.js'
import type { Direction } from '../template/variables.js'

/** What the variables of a value are read from. */
export interface ValueSource {
  readonly request: EditedRequest
  /** `null` for requests. */
  readonly answer: AnswerSource | null
}

/** A JSON value whose strings are templates, compiled once. */
export class JsonTemplate {
  /** Path parameters without which it has no value. */
  readonly params: readonly string[]
  readonly #parts: readonly (string | Template)[]

  /** `value` has been checked. */
  constructor(value: unknown, direction: Direction) {
    const parts: (string | Template)[] = []
    collectParts(value, direction, parts)
    this.#parts = joined(parts)
    this.params = parts.flatMap((part) => (typeof part === 'string' ? [] : part.params))
  }

  /** The JSON text; `null` where a variable has no value. */
  text(source: ValueSource): string | null {
    let text = ''
    for (const part of this.#parts) {
      if (typeof part === 'string') text += part
      else {
        const value = part.value(source.request, source.answer)
        if (value === null) return null
        text += JSON.stringify(value)
      }
    }
    return text
  }
}

function collectParts(value: unknown, direction: Direction, parts: (string | Template)[]): void {
  if (typeof value === 'string') {
    const template = new Template(value, 'json', direction)
    parts.push(template.constant === null ? template : JSON.stringify(template.constant))
  } else if (Array.isArray(value)) {
    parts.push('[')
    for (const [index, item] of value.entries()) {
      if (index > 0) parts.push(',')
      collectParts(item, direction, parts)
    }
    parts.push(']')
  } else if (typeof value === 'object' && value !== null) {
    parts.push('{')
    for (const [index, [name, member]] of Object.entries(value).entries()) {
      parts.push(`${index > 0 ? ',' : ''}${JSON.stringify(name)}:`)
      collectParts(member, direction, parts)
    }
    parts.push('}')
  } else parts.push(JSON.stringify(value))
}

function joined(parts: readonly (string | Template)[]): readonly (string | Template)[] {
  const list: (string | Template)[] = []
  for (const part of parts) {
    const last = list.at(-1)
    if (typeof part === 'string' && typeof last === 'string') list[list.length - 1] = last + part
    else list.push(part)
  }
  return list
}

/** How deep a value of the configuration may be. */
const DEEPEST = 32

/** Yields what is wrong with a value: it must be JSON, and its strings templates. */
export function* checkJsonValue(
  value: unknown,
  at: string,
  direction: Direction,
  depth = 0
): Iterable<string> {
  if (depth > DEEPEST) yield `${at}: is nested more than ${DEEPEST} deep`
  else if (typeof value === 'string') yield* checkTemplate(value, at, direction)
  else if (Array.isArray(value))
    for (const [index, item] of value.entries())
      yield* checkJsonValue(item, `${at}[${index}]`, direction, depth + 1)
  else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value))
      yield* checkJsonValue(member, `${at}.${name}`, direction, depth + 1)
  } else if (
    value !== null &&
    typeof value !== 'boolean' &&
    !(typeof value === 'number' && Number.isFinite(value))
  )
    yield `${at}: must be a JSON value`
}
