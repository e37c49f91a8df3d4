import { type NameSet, nameSet } from '../name-set.js'
import type { Target } from '../template/encoding.js'
import { Template } from '../template/template.js'
import type { Direction } from '../template/variables.js'

/** Changes to named things as configured: header fields, or parameters of a query. */
export interface ChangesConfig {
  readonly keepOnly?: readonly string[]
  readonly remove?: readonly string[]
  readonly rename?: Readonly<Record<string, string>>
  readonly set?: Readonly<Record<string, string>>
  readonly setIfAbsent?: Readonly<Record<string, string>>
  readonly append?: Readonly<Record<string, string>>
}

/** A field that is written, and its value. */
interface FieldValue {
  /** In lower case. */
  readonly name: string
  readonly value: Template
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

/** Settings of checked changes. */
export function headersSettings(config: ChangesConfig, direction: Direction): HeadersSettings {
  const { keepOnly, remove = [], rename = {}, set = {}, setIfAbsent = {}, append = {} } = config
  const fields = (values: Readonly<Record<string, string>>): FieldValue[] =>
    Object.entries(values).map(([given, text]) => {
      const name = given.toLowerCase()
      return { name, value: new Template(text, targetOf(name), direction) }
    })
  return {
    keepOnly: keepOnly === undefined ? null : nameSet(lower(keepOnly)),
    remove: nameSet(lower(remove)),
    rename: new Map(Object.entries(rename).map(([from, to]) => [from.toLowerCase(), to.toLowerCase()])),
    set: fields(set),
    setIfAbsent: fields(setIfAbsent),
    append: fields(append)
  }
}

// A variable in one of these must not become a second cookie, attribute or URL.
const OF_PARTS = new Set(['cookie', 'set-cookie', 'location', 'content-location', 'refresh', 'link'])

function targetOf(name: string): Target {
  return OF_PARTS.has(name) ? 'part' : 'field'
}

function lower(names: readonly string[]): string[] {
  return names.map((name) => name.toLowerCase())
}
