import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseDocument, type Scalar } from 'yaml'
import type { MaskedText } from './masked-text.js'
import {
  DEEPEST,
  type Place,
  setKey,
  type Template,
  TextError,
  type TextProblem,
  TOO_DEEP
} from './parsed-text.js'

/** Values that aliases may unfold a text to: more would be an attack on memory. */
const MOST_UNFOLDED = 1_000_000

/** Tags of values that JSON has too. */
const TAGS = new Set(['str', 'int', 'float', 'bool', 'null', 'map', 'seq'])
/** How references begin, those too that stand for themselves. */
const REFERENCE = '$\u007b'
const YAML_TAG = 'tag:yaml.org,2002:'

interface Read {
  readonly value: unknown
  readonly keys: ReadonlyMap<string, Place> | null
  readonly items: readonly Place[] | null
}

/** The values of a YAML document with their places. Each is read once: aliases share what they stand for. */
export class YamlReader {
  readonly #masked: MaskedText
  readonly #problems: TextProblem[]
  readonly #templates: Template[]
  readonly #marker: string
  readonly #anchors = new Map<string, Read | null>()

  constructor(masked: MaskedText, problems: TextProblem[], templates: Template[], marker: string) {
    this.#masked = masked
    this.#problems = problems
    this.#templates = templates
    this.#marker = marker
  }

  read(contents: unknown): { value: unknown; root: Place } | null {
    if (contents === null || (isScalar(contents) && contents.value === null)) return null
    const { value, keys, items } = this.#node(contents, 0, 0)
    if (this.#anchors.size > 0 && sizeOf(value, new Map()) > MOST_UNFOLDED)
      this.#problems.push({ message: `its aliases unfold it to more than ${MOST_UNFOLDED} values`, at: 0 })
    return { value, root: { at: 0, keys, items } }
  }

  #node(node: unknown, at: number, depth: number): Read {
    if (depth > DEEPEST) throw new TextError(TOO_DEEP, at)
    if (isAlias(node)) return this.#alias(node.source, offsetOf(node, at))
    const { anchor, tag } = (node ?? {}) as { readonly anchor?: string; readonly tag?: string }
    const isOwn = tag?.startsWith(YAML_TAG) === true && !TAGS.has(tag.slice(YAML_TAG.length))
    if (isOwn)
      this.#problems.push({
        message: `the tag !!${tag.slice(YAML_TAG.length)} has no meaning in a configuration`,
        at
      })
    // Until it is read, it would be within itself.
    if (anchor !== undefined) this.#anchors.set(anchor, null)
    const read = isMap(node)
      ? this.#map(node.items, depth)
      : isSeq(node)
        ? this.#list(node.items, at, depth)
        : this.#scalar(node, at)
    if (anchor !== undefined) this.#anchors.set(anchor, read)
    return read
  }

  #alias(name: string, at: number): Read {
    const found = this.#anchors.get(name)
    if (found) return found
    const message =
      found === null
        ? `'&${name}' would be within itself`
        : `Unresolved alias: there is no '&${name}' before it`
    throw new TextError(message, at)
  }

  #list(nodes: readonly unknown[], from: number, depth: number): Read {
    const value: unknown[] = []
    const items: Place[] = []
    for (const node of nodes) {
      const at = offsetOf(node, from)
      const part = this.#node(node, at, depth + 1)
      value.push(part.value)
      items.push({ at, keys: part.keys, items: part.items })
    }
    return { value, keys: null, items }
  }

  #map(pairs: readonly Pair[], depth: number): Read {
    const value: Record<string, unknown> = {}
    const keys = new Map<string, Place>()
    const merged: { readonly part: Read; readonly at: number }[] = []
    for (const { key, value: node } of pairs) {
      const at = offsetOf(key, 0)
      const part = this.#node(node, offsetOf(node, at), depth + 1)
      if (isMergeKey(key)) merged.push({ part, at })
      else this.#own(value, keys, this.#key(key, at), part, at)
    }
    for (const { part, at } of merged) this.#merge(value, keys, part, at)
    return { value, keys, items: null }
  }

  #own(
    value: Record<string, unknown>,
    keys: Map<string, Place>,
    key: string | null,
    part: Read,
    at: number
  ): void {
    if (key === null) return
    if (keys.has(key)) this.#problems.push({ message: `the key '${key}' stands twice`, at })
    setKey(value, key, part.value)
    keys.set(key, { at, keys: part.keys, items: part.items })
  }

  // Of several, the first one that has a key; all behind the map's own.
  #merge(
    value: Record<string, unknown>,
    keys: Map<string, Place>,
    { value: from, ...part }: Read,
    at: number
  ) {
    const isList = Array.isArray(from)
    for (const [index, one] of (isList ? (from as unknown[]) : [from]).entries()) {
      const places = isList ? part.items?.[index]?.keys : part.keys
      if (places === null || places === undefined) throw new TextError("'<<' needs maps", at)
      for (const [key, place] of places)
        if (!keys.has(key)) {
          setKey(value, key, (one as Record<string, unknown>)[key])
          keys.set(key, place)
        }
    }
  }

  // Keys are left as they are written: they have no references, and are texts.
  #key(node: unknown, at: number): string | null {
    if (!isScalar(node) || node.value === null || typeof node.value === 'object') {
      this.#problems.push({ message: 'a key must be a text', at })
      return null
    }
    const { value, source = '', type } = node
    if (typeof value === 'string') return this.#masked.written(value, DECODERS[type ?? ''])
    if (String(value) === source) return source
    this.#problems.push({ message: `the key ${source} must be in quotes: it would be ${value}`, at })
    return null
  }

  #scalar(node: unknown, at: number): Read {
    const { value, type } = (node ?? { value: null }) as Scalar
    const read = { keys: null, items: null }
    if (typeof value !== 'string') return { value, ...read }
    const text = this.#masked.written(value, DECODERS[type ?? ''])
    if (!text.includes(REFERENCE)) return { value: text, ...read }
    const template = { text, at, isPlain: type === 'PLAIN' }
    return { value: `${this.#marker}${this.#templates.push(template) - 1}`, ...read }
  }
}

// What was masked was not read by the parser.
const DECODERS: Readonly<Record<string, (reference: string) => string>> = {
  QUOTE_SINGLE: (reference) => reference.replaceAll("''", "'"),
  QUOTE_DOUBLE(reference) {
    if (!reference.includes('\\')) return reference
    const { contents, errors } = parseDocument(`"${reference}"`, { prettyErrors: false })
    return errors.length === 0 && isScalar(contents) ? String(contents.value) : reference
  }
}

// The parser gives it a sign of its own.
function isMergeKey(key: unknown): boolean {
  return isScalar(key) && typeof key.value === 'symbol'
}

function offsetOf(node: unknown, other: number): number {
  return (node as Node | null)?.range?.[0] ?? other
}

// Unfolded: what is shared counts wherever it stands.
function sizeOf(value: unknown, known: Map<unknown, number>): number {
  if (typeof value !== 'object' || value === null) return 1
  let size = known.get(value)
  if (size === undefined) {
    size = Object.values(value).reduce((sum: number, part) => sum + sizeOf(part, known), 1)
    known.set(value, size)
  }
  return size
}
