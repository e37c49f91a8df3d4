import { itemsIn, membersIn } from './scan.js'

/** A member of an object. A name may stand there several times: each is a member. */
export interface Member {
  /** The name, unescaped. */
  key: string
  /** The name as JSON. */
  name: string
  value: JsonValue
}

/**
 * A value of a JSON text. It stays the text it came as, and is taken apart only where something in it is looked for: numbers of any
 * size, the order of members, names that stand twice and all that nothing is done with go on character by character. Names
 * are compared and never become properties of an object, so that `__proto__` is a name like any other.
 */
export class JsonValue {
  /** `null` where something within has changed. */
  #text: string | null
  #members: Member[] | null = null
  #items: JsonValue[] | null = null

  /** `text` is valid JSON without space around it. */
  constructor(text: string) {
    this.#text = text
  }

  /** An object without members. */
  static object(): JsonValue {
    return new JsonValue('{}')
  }

  get isObject(): boolean {
    return this.#members !== null || this.#text?.charCodeAt(0) === 0x7b
  }

  get isArray(): boolean {
    return this.#items !== null || this.#text?.charCodeAt(0) === 0x5b
  }

  /** The members of an object, which may be changed; {@link changed} says so. */
  get members(): Member[] {
    this.#members ??= membersIn(this.#text as string).map(({ key, name, value }) => ({
      key,
      name,
      value: new JsonValue(value)
    }))
    return this.#members
  }

  set members(members: Member[]) {
    this.#members = members
    this.#text = null
  }

  /** The items of an array, which may be changed; {@link changed} says so. */
  get items(): JsonValue[] {
    this.#items ??= itemsIn(this.#text as string).map((text) => new JsonValue(text))
    return this.#items
  }

  set items(items: JsonValue[]) {
    this.#items = items
    this.#text = null
  }

  /** Something within has changed. */
  changed(): void {
    this.#text = null
  }

  /** The text of a value that has not been changed; `null` of one that has. */
  get text(): string | null {
    return this.#text
  }

  /** Writes the pieces of the text to `out`. As deep as pointers lead. */
  write(out: string[]): void {
    if (this.#text !== null) out.push(this.#text)
    else if (this.#members !== null) {
      let between = '{'
      for (const { name, value } of this.#members) {
        out.push(between, name, ':')
        value.write(out)
        between = ','
      }
      out.push(between === '{' ? '{}' : '}')
    } else {
      let between = '['
      for (const item of this.#items ?? []) {
        out.push(between)
        item.write(out)
        between = ','
      }
      out.push(between === '[' ? '[]' : ']')
    }
  }
}
