import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Document as YamlDocument
} from 'yaml'
import type { Position, SourceText } from './source-text.js'

/** What one file says. */
export interface ConfigDocument {
  readonly source: SourceText
  readonly value: Readonly<Record<string, unknown>>
  /**
   * Where a problem or value stands that begins with its path: `pools.users.health: …`, below the keys and indexes
   * `from`. As much of the path as the file has is followed.
   */
  locate(text: string, from?: readonly (string | number)[]): Position | undefined
}

/** The places of a file of YAML or JSON. */
export class DataDocument implements ConfigDocument {
  readonly source: SourceText
  readonly value: Readonly<Record<string, unknown>>
  readonly #document: YamlDocument

  constructor(source: SourceText, value: Readonly<Record<string, unknown>>, document: YamlDocument) {
    this.source = source
    this.value = value
    this.#document = document
  }

  locate(text: string, from: readonly (string | number)[] = []): Position | undefined {
    let found: Found | null = { node: this.#document.contents, offset: 0 }
    for (const step of from) {
      found = this.#child(found, String(step))
      if (found === null) return undefined
    }
    let rest = text
    for (;;) {
      const [next, left] = this.#step(found as Found, rest)
      if (next === null) break
      found = next
      rest = left
    }
    const unknown = /^(?:the configuration)?: unknown key '([^']*)'/.exec(rest)
    const at = unknown === null ? null : this.#child(found as Found, unknown[1] as string)
    return this.source.at((at ?? (found as Found)).offset)
  }

  // The longest key that the text goes on with: keys may have dots and brackets.
  #step(found: Found, text: string): [next: Found | null, left: string] {
    const node = this.#resolved(found.node)
    const index = /^\[(\d+)\]/.exec(text)
    if (isSeq(node) && index !== null)
      return [this.#child(found, index[1] as string), text.slice(index[0].length)]
    if (!isMap(node)) return [null, text]
    const path = text.replace(/^\./, '')
    const [key] = pairsOf(node, (alias) => this.#resolved(alias))
      .map((pair) => keyOf(pair))
      .filter((name) => path.startsWith(name) && /^(?:$|[.[:])/.test(path.slice(name.length)))
      .sort((a, b) => b.length - a.length)
    return key === undefined ? [null, text] : [this.#child(found, key), path.slice(key.length)]
  }

  #child({ node }: Found, step: string): Found | null {
    const parent = this.#resolved(node)
    if (isSeq(parent)) {
      const item = parent.items[Number(step)] as Node | undefined
      return item?.range ? { node: item, offset: item.range[0] } : null
    }
    if (!isMap(parent)) return null
    const pair = pairsOf(parent, (alias) => this.#resolved(alias)).find((one) => keyOf(one) === step)
    const key = pair?.key as Node | undefined
    return pair === undefined || !key?.range
      ? null
      : { node: pair.value as Node | null, offset: key.range[0] }
  }

  #resolved(node: unknown): unknown {
    return isAlias(node) ? (node as Alias).resolve(this.#document) : node
  }
}

interface Found {
  readonly node: unknown
  readonly offset: number
}

function keyOf({ key }: Pair): string {
  const name: unknown = isScalar(key) ? key.value : key
  // The parser's own sign for a key that merges.
  return typeof name === 'symbol' ? '<<' : String(name)
}

// With those of `<<`, behind its own.
function pairsOf(map: { readonly items: readonly Pair[] }, resolve: (node: unknown) => unknown): Pair[] {
  const merged = map.items
    .filter((pair) => keyOf(pair) === '<<')
    .flatMap(({ value }) => (isSeq(value) ? value.items : [value]))
    .map(resolve)
    .flatMap((node) => (isMap(node) ? pairsOf(node as never, resolve) : []))
  return [...map.items, ...merged]
}
