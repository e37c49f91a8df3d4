import {
  DEEPEST,
  type ParsedText,
  type Place,
  parsedText,
  setKey,
  type Template,
  TextError,
  type TextProblem,
  TOO_DEEP
} from './parsed-text.js'
import { referenceSpans } from './reference-scan.js'

/** Reads JSON, strictly: a key that stands twice is a problem too. */
export function parseJsonText(text: string): ParsedText {
  return parsedText((problems, templates, marker) => {
    try {
      JSON.parse(text)
    } catch (error) {
      problems.push(syntaxProblem(error as Error, text))
      return null
    }
    return new JsonReader(text, problems, templates, marker).read()
  })
}

function syntaxProblem({ message }: Error, text: string): TextProblem {
  const [, offset] = /position (\d+)/.exec(message) ?? []
  const end = /end of JSON|Unterminated/.test(message) ? text.length : 0
  return {
    message: `this is no JSON: ${message.split('\n', 1)[0]}`,
    at: offset === undefined ? end : Number(offset)
  }
}

interface Read {
  readonly value: unknown
  readonly keys: ReadonlyMap<string, Place> | null
  readonly items: readonly Place[] | null
}

const SCALAR = /"[^"\\]*(?:\\.[^"\\]*)*"|[^\s,\]}]+/y
const SPACE = /\s*/y

// Only of text that is JSON: it looks for places, not for mistakes.
class JsonReader {
  readonly #text: string
  readonly #problems: TextProblem[]
  readonly #templates: Template[]
  readonly #marker: string
  #at = 0

  constructor(text: string, problems: TextProblem[], templates: Template[], marker: string) {
    this.#text = text
    this.#problems = problems
    this.#templates = templates
    this.#marker = marker
  }

  read(): { value: unknown; root: Place } {
    const at = this.#space()
    const { value, keys, items } = this.#value(0)
    return { value, root: { at, keys, items } }
  }

  #value(depth: number): Read {
    const at = this.#space()
    if (depth > DEEPEST) throw new TextError(TOO_DEEP, at)
    if (this.#text[at] === '{') return this.#object(depth)
    if (this.#text[at] === '[') return this.#list(depth)
    return { value: this.#withReferences(JSON.parse(this.#scalar()), at), keys: null, items: null }
  }

  #object(depth: number): Read {
    const value = {}
    const keys = new Map<string, Place>()
    while (this.#more('}')) {
      const at = this.#space()
      const key = JSON.parse(this.#scalar()) as string
      this.#space()
      this.#at++
      const part = this.#value(depth + 1)
      if (keys.has(key)) this.#problems.push({ message: `the key '${key}' stands twice`, at })
      setKey(value, key, part.value)
      keys.set(key, { at, keys: part.keys, items: part.items })
    }
    return { value, keys, items: null }
  }

  #list(depth: number): Read {
    const value: unknown[] = []
    const items: Place[] = []
    while (this.#more(']')) {
      const at = this.#space()
      const part = this.#value(depth + 1)
      value.push(part.value)
      items.push({ at, keys: part.keys, items: part.items })
    }
    return { value, keys: null, items }
  }

  #withReferences(value: unknown, at: number): unknown {
    if (typeof value !== 'string' || referenceSpans(value).length === 0) return value
    return `${this.#marker}${this.#templates.push({ text: value, at, isPlain: false }) - 1}`
  }

  // Steps over the bracket or comma in front of the next part; whether there is one.
  #more(end: string): boolean {
    if (this.#text[this.#space()] !== end) {
      this.#at++
      if (this.#text[this.#space()] !== end) return true
    }
    this.#at++
    return false
  }

  #space(): number {
    SPACE.lastIndex = this.#at
    SPACE.test(this.#text)
    this.#at = SPACE.lastIndex
    return this.#at
  }

  #scalar(): string {
    SCALAR.lastIndex = this.#at
    const [found = ''] = SCALAR.exec(this.#text) ?? []
    this.#at += found.length
    return found
  }
}
