/** What JSON can say, its objects without a prototype. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** An object of JSON, without a prototype. */
export type JsonObject = Readonly<Record<string, Json>>

/** How deep objects and lists may stand in each other. */
const MOST_DEPTH = 32

/** A string, a number or a word of JSON (RFC 8259), or the rest of it one sign at a time. */
const TOKEN =
  /[\t\n\r ]*(?:("[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\x00-\x1f]*)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)|([[\]{}:,]))/y
const REST = /[\t\n\r ]*$/y
const LONE_SURROGATE = /\p{Surrogate}/u

/**
 * Parses JSON that two parsers must not read differently: a name that stands twice in an object is refused, where others
 * take the first or the last; so are `__proto__`, halves of surrogate pairs, numbers beyond all bounds and what is nested
 * deeper than 32. The result is frozen, and its objects have no prototype. Throws a SyntaxError that quotes nothing of the text.
 */
export function parseStrictJson(text: string): Json {
  const reader = new Reader(text)
  const value = reader.value(0)
  reader.end()
  return value
}

class Reader {
  readonly #text: string
  #at = 0
  #mark = ''

  constructor(text: string) {
    this.#text = text
  }

  end(): void {
    REST.lastIndex = this.#at
    if (!REST.test(this.#text)) throw malformed('text after its end')
  }

  value(depth: number): Json {
    const scalar = this.#next()
    if (scalar !== undefined) return scalar
    if (depth === MOST_DEPTH) throw new SyntaxError('it is nested too deeply')
    if (this.#mark === '[') return this.#list(depth)
    if (this.#mark === '{') return this.#object(depth)
    throw malformed('no value where one is due')
  }

  #list(depth: number): Json {
    const list: Json[] = []
    if (this.#closes(']')) return Object.freeze(list)
    do list.push(this.value(depth + 1))
    while (this.#goesOn(']'))
    return Object.freeze(list)
  }

  #object(depth: number): Json {
    const object = Object.create(null) as Record<string, Json>
    if (this.#closes('}')) return Object.freeze(object)
    do {
      const name = this.#next()
      if (typeof name !== 'string') throw malformed('no name where one is due')
      if (name === '__proto__') throw malformed("the name '__proto__'")
      if (Object.hasOwn(object, name)) throw malformed('a name that stands twice')
      this.#next()
      if (this.#mark !== ':') throw malformed('no value where one is due')
      object[name] = this.value(depth + 1)
    } while (this.#goesOn('}'))
    return Object.freeze(object)
  }

  #closes(end: string): boolean {
    const before = this.#at
    if (this.#next() === undefined && this.#mark === end) return true
    this.#at = before
    return false
  }

  #goesOn(end: string): boolean {
    if (this.#next() !== undefined || (this.#mark !== ',' && this.#mark !== end))
      throw malformed('no comma where one is due')
    return this.#mark === ','
  }

  /** The next scalar; `undefined` for a mark, which is then in `#mark`. */
  #next(): null | boolean | number | string | undefined {
    this.#mark = ''
    TOKEN.lastIndex = this.#at
    const match = TOKEN.exec(this.#text)
    if (match === null) throw malformed('what is no JSON')
    this.#at = TOKEN.lastIndex
    const [, string, number, word, mark] = match
    if (string !== undefined) return stringOf(string)
    if (number !== undefined) return numberOf(number)
    if (word !== undefined) return word === 'null' ? null : word === 'true'
    this.#mark = mark as string
    return undefined
  }
}

function stringOf(quoted: string): string {
  const text = JSON.parse(quoted) as string
  if (LONE_SURROGATE.test(text)) throw malformed('half a surrogate pair')
  return text
}

function numberOf(digits: string): number {
  const number = Number(digits)
  if (!Number.isFinite(number)) throw malformed('a number beyond all bounds')
  return number
}

function malformed(what: string): SyntaxError {
  return new SyntaxError(`it has ${what}`)
}
