import { Template } from '../template/template.js'
import type { Direction } from '../template/variables.js'

/** Changes to header fields as configured. */
export interface HeadersConfig {
  readonly keepOnly?: readonly string[]
  readonly remove?: readonly string[]
  readonly rename?: Readonly<Record<string, string>>
  readonly set?: Readonly<Record<string, string>>
  readonly setIfAbsent?: Readonly<Record<string, string>>
  readonly append?: Readonly<Record<string, string>>
}

/** A field that is written, and its value. */
export interface FieldValue {
  /** In lower case. */
  readonly name: string
  readonly value: Template
}

/** Names, and beginnings of names, in lower case. */
export interface NameSet {
  readonly names: ReadonlySet<string>
  readonly prefixes: readonly string[]
}

/** Changes to header fields: nothing optional, names in lower case. */
export interface HeadersSettings {
  /** `null` for all. */
  readonly keepOnly: NameSet | null
  readonly remove: NameSet
  readonly rename: ReadonlyMap<string, string>
  readonly set: readonly FieldValue[]
  readonly setIfAbsent: readonly FieldValue[]
  readonly append: readonly FieldValue[]
}

// A variable in one of these must not become a second cookie, attribute or URL.
const ENCODED = new Set(['cookie', 'set-cookie', 'location', 'content-location', 'refresh', 'link'])

/** Settings of checked changes. */
export function headersSettings(config: HeadersConfig, direction: Direction): HeadersSettings {
  const { keepOnly, remove = [], rename = {}, set = {}, setIfAbsent = {}, append = {} } = config
  const fields = (values: Readonly<Record<string, string>>): FieldValue[] =>
    Object.entries(values).map(([given, text]) => {
      const name = given.toLowerCase()
      return { name, value: new Template(text, ENCODED.has(name) ? 'parameter' : 'field', direction) }
    })
  return {
    keepOnly: keepOnly === undefined ? null : nameSet(keepOnly),
    remove: nameSet(remove),
    rename: new Map(Object.entries(rename).map(([from, to]) => [from.toLowerCase(), to.toLowerCase()])),
    set: fields(set),
    setIfAbsent: fields(setIfAbsent),
    append: fields(append)
  }
}

function nameSet(given: readonly string[]): NameSet {
  const all = given.map((name) => name.toLowerCase())
  return {
    names: new Set(all.filter((name) => !name.endsWith('*'))),
    prefixes: all.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1))
  }
}

/** Whether a name, in lower case, is among them. */
export function includes({ names, prefixes }: NameSet, name: string): boolean {
  return names.has(name) || prefixes.some((prefix) => name.startsWith(prefix))
}
