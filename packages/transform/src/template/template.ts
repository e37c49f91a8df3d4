import type { EditedRequest } from '@gatewright/core'
import { type Encode, encodingOf, fieldText, literalText, type Target } from './encoding.js'
import { parseTemplate } from './parse.js'
import type { AnswerSource, Variable } from './variable.js'
import { type Direction, variableNamed } from './variables.js'

interface Segment {
  /** The text before the variable. */
  readonly before: string
  readonly variable: Variable
  readonly encode: Encode | null
  readonly otherwise: string | null
}

/** A value with variables in it, compiled once: `users/{params.id}`. */
export class Template {
  /** The value of a template without variables; `null` for one with variables. */
  readonly constant: string | null
  /** Path parameters without which it has no value. */
  readonly params: readonly string[]
  readonly #segments: readonly Segment[]
  readonly #tail: string

  /** `text` has been checked. */
  constructor(text: string, target: Target, direction: Direction) {
    const segments: Segment[] = []
    let before = ''
    for (const part of parseTemplate(text) as Exclude<ReturnType<typeof parseTemplate>, string>) {
      if (typeof part === 'string') before = literalText(part, target)
      else {
        const variable = variableNamed(part.name, direction) as Variable
        const { otherwise } = part
        segments.push({
          before,
          variable,
          encode: encodingOf(variable.kind, target),
          otherwise: otherwise === null ? null : literalText(otherwise, target)
        })
        before = ''
      }
    }
    this.#segments = segments
    this.#tail = before
    this.constant = segments.length === 0 ? before : null
    this.params = segments.flatMap(({ variable, otherwise }) =>
      variable.param === null || otherwise !== null ? [] : [variable.param]
    )
  }

  /** The value; `null` where a variable has none, or one that cannot stand there. */
  value(request: EditedRequest, answer: AnswerSource | null): string | null {
    if (this.constant !== null) return this.constant
    let text = ''
    for (const { before, variable, encode, otherwise } of this.#segments) {
      let value = variable.read(request, answer)
      if (value !== '' && encode !== null) value = encode(value)
      if (value === '') {
        if (otherwise === null) return null
        value = otherwise
      }
      text += before + value
    }
    return text + this.#tail
  }
}

/** Yields what is wrong with a template. */
export function* checkTemplate(text: string, at: string, direction: Direction): Iterable<string> {
  const parts = parseTemplate(text)
  if (typeof parts === 'string') return yield `${at}: '${text}' ${parts}`
  for (const part of parts) {
    if (typeof part === 'string') {
      if (!isPrintable(part)) yield `${at}: must not have control characters`
      continue
    }
    const variable = variableNamed(part.name, direction)
    if (typeof variable === 'string') yield `${at}: ${variable}`
    if (part.otherwise !== null && !isPrintable(part.otherwise))
      yield `${at}: must not have control characters`
  }
}

function isPrintable(text: string): boolean {
  return text === '' || fieldText(text) !== ''
}
