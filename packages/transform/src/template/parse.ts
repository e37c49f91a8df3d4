/** A variable of a template: `{params.id|none}`. */
interface VariableUse {
  /** `params.id` */
  readonly name: string
  /** What stands in its place where it has no value; `null` for nothing: the whole template then has no value. */
  readonly otherwise: string | null
}

/** A template, taken apart: texts and variables in turn. */
export type TemplateParts = readonly (string | VariableUse)[]

/** Takes a template apart. `{{` and `}}` stand for braces. Returns what is wrong as a text. */
export function parseTemplate(text: string): TemplateParts | string {
  const parts: (string | VariableUse)[] = []
  let literal = ''
  let at = 0
  while (at < text.length) {
    const char = text[at] as string
    if ((char === '{' || char === '}') && text[at + 1] === char) {
      literal += char
      at += 2
    } else if (char === '}') return "has a '}' without a '{'; write '}}' for the character itself"
    else if (char === '{') {
      const end = text.indexOf('}', at)
      if (end === -1) return "has a '{' without a '}'; write '{{' for the character itself"
      const inner = text.slice(at + 1, end)
      const bar = inner.indexOf('|')
      if (literal !== '') parts.push(literal)
      literal = ''
      parts.push(
        bar === -1
          ? { name: inner, otherwise: null }
          : { name: inner.slice(0, bar), otherwise: inner.slice(bar + 1) }
      )
      at = end + 1
    } else {
      literal += char
      at++
    }
  }
  if (literal !== '' || parts.length === 0) parts.push(literal)
  return parts
}
