import type { EditedRequest } from '@gatewright/core'
import type { ChangesConfig } from '../headers/settings.js'
import { includes, type NameSet, nameSet } from '../name-set.js'
import { decodeForm } from '../template/request-values.js'
import { Template } from '../template/template.js'

/** A parameter that is written. */
interface Parameter {
  readonly name: string
  /** The name, encoded, with its `=`. */
  readonly prefix: string
  readonly value: Template
}

/** Changes the parameters of queries. What nothing is said of stays byte for byte. */
export class QueryEdit {
  /** Path parameters without which a parameter would have no value. */
  readonly params: readonly string[]
  readonly #keepOnly: NameSet | null
  readonly #remove: NameSet
  readonly #rename: ReadonlyMap<string, string>
  readonly #renamed: ReadonlySet<string>
  readonly #set: ReadonlyMap<string, Parameter>
  readonly #setIfAbsent: readonly Parameter[]
  readonly #append: readonly Parameter[]

  /** `config` has been checked. */
  constructor({
    keepOnly,
    remove = [],
    rename = {},
    set = {},
    setIfAbsent = {},
    append = {}
  }: ChangesConfig) {
    this.#keepOnly = keepOnly === undefined ? null : nameSet(keepOnly)
    this.#remove = nameSet(remove)
    this.#rename = new Map(Object.entries(rename))
    this.#renamed = new Set(Object.values(rename))
    this.#set = new Map(parametersOf(set).map((one) => [one.name, one]))
    this.#setIfAbsent = parametersOf(setIfAbsent)
    this.#append = parametersOf(append)
    this.params = [...this.#set.values(), ...this.#setIfAbsent, ...this.#append].flatMap(
      ({ value }) => value.params
    )
  }

  /** The query changed, with its `?`; `''` for none. */
  apply(query: string, request: EditedRequest): string {
    const pieces: string[] = []
    const names = new Set<string>()
    if (query.length > 1)
      for (const piece of query.slice(1).split('&')) {
        const equals = piece.indexOf('=')
        const name = decodeForm(equals === -1 ? piece : piece.slice(0, equals))
        const kept = this.#fateOf(name, piece, equals, names, request)
        if (kept !== null) pieces.push(kept)
      }
    for (const [name, { prefix, value }] of this.#set) {
      const text = names.has(name) ? null : value.value(request, null)
      if (text !== null) pieces.push(prefix + text)
      names.add(name)
    }
    for (const { name, prefix, value } of this.#setIfAbsent) {
      const text = names.has(name) ? null : value.value(request, null)
      if (text !== null) pieces.push(prefix + text)
    }
    for (const { prefix, value } of this.#append) {
      const text = value.value(request, null)
      if (text !== null) pieces.push(prefix + text)
    }
    if (pieces.length === 0) return query === '?' ? query : ''
    return `?${pieces.join('&')}`
  }

  // What becomes of a parameter; `names` are those that are there so far.
  #fateOf(
    name: string,
    piece: string,
    equals: number,
    names: Set<string>,
    request: EditedRequest
  ): string | null {
    if (this.#keepOnly !== null && !includes(this.#keepOnly, name)) return null
    if (includes(this.#remove, name)) return null
    const to = this.#rename.get(name)
    if (to !== undefined) {
      names.add(to)
      return encodeURIComponent(to) + (equals === -1 ? '' : piece.slice(equals))
    }
    if (this.#renamed.has(name)) return null
    const set = this.#set.get(name)
    const isFirst = !names.has(name)
    names.add(name)
    if (set === undefined) return piece
    const text = isFirst ? set.value.value(request, null) : null
    return text === null ? null : set.prefix + text
  }
}

function parametersOf(values: Readonly<Record<string, string>>): Parameter[] {
  return Object.entries(values).map(([name, text]) => ({
    name,
    prefix: `${encodeURIComponent(name)}=`,
    value: new Template(text, 'query', 'request')
  }))
}
