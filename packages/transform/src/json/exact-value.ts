import { JsonTextError, jsonStringEnd, jsonStringOf, parseJsonText } from '@gatewright/core'
import { behindSpace, isDeeperThan } from './scan.js'

/** Arrays and objects in each other that a function is given: many functions call themselves for each. */
const DEEPEST = 1_000

// Texts that may hold what `JSON.parse` would lose or what functions stumble over: 16 digits in a row, exponents, names of prototypes.
const DELICATE = /\d{16}|\d[eE][+-]?\d{3}|__proto__|constructor|\\u00/

/**
 * The value of a JSON text for a function. A whole number that a JavaScript number cannot hold is a `bigint`. Throws
 * {@link JsonTextError} for what is no JSON, is nested more than 1000 deep, has a number beyond all range, or has a
 * member `__proto__` or `constructor.prototype`, which functions that copy members would make a prototype of.
 */
export function exactValue(text: string): unknown {
  const value = parseJsonText(text)
  if (isDeeperThan(text, DEEPEST)) throw new JsonTextError(`it is nested more than ${DEEPEST} deep`)
  return DELICATE.test(text) ? new Reader(text).read() : value
}

/** Reads a text that has been found valid and not too deep. */
class Reader {
  readonly #text: string
  #at = 0
  readonly #scalar = /[^\s,\]}]+/y

  constructor(text: string) {
    this.#text = text
  }

  read(): unknown {
    this.#space()
    const char = this.#text[this.#at]
    if (char === '{') return this.#object()
    if (char === '[') return this.#array()
    if (char === '"') return this.#string()
    this.#scalar.lastIndex = this.#at
    const [scalar] = this.#scalar.exec(this.#text) as unknown as [string]
    this.#at += scalar.length
    return scalarOf(scalar)
  }

  #space(): void {
    this.#at = behindSpace(this.#text, this.#at)
  }

  #string(): string {
    const end = jsonStringEnd(this.#text, this.#at)
    const text = this.#text.slice(this.#at, end)
    this.#at = end
    return jsonStringOf(text)
  }

  #array(): unknown[] {
    const items: unknown[] = []
    while (this.#goesOn(']')) items.push(this.read())
    return items
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {}
    while (this.#goesOn('}')) {
      const name = this.#string()
      this.#space()
      this.#at++
      const value = this.read()
      if (name === '__proto__' || (name === 'constructor' && hasPrototype(value)))
        throw new JsonTextError(`it has a member '${name}'`)
      object[name] = value
    }
    return object
  }

  // Behind the bracket or comma that stands here: false at the closing bracket.
  #goesOn(closing: string): boolean {
    this.#space()
    if (this.#text[this.#at] !== closing) {
      this.#at++
      this.#space()
      if (this.#text[this.#at] !== closing) return true
    }
    this.#at++
    return false
  }
}

function scalarOf(text: string): unknown {
  if (text === 'true') return true
  if (text === 'false') return false
  if (text === 'null') return null
  const number = Number(text)
  if (!Number.isFinite(number)) throw new JsonTextError('it has a number beyond all range')
  return Number.isSafeInteger(number) || !/^-?\d+$/.test(text) ? number : BigInt(text)
}

function hasPrototype(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype')
}
