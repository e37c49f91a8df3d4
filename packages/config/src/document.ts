import type { Place } from './parsed-text.js'
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
  readonly #root: () => Place

  /** `root` is asked for when a place is looked for. */
  constructor(source: SourceText, value: Readonly<Record<string, unknown>>, root: () => Place) {
    this.source = source
    this.value = value
    this.#root = root
  }

  locate(text: string, from: readonly (string | number)[] = []): Position | undefined {
    let found = this.#root()
    for (const step of from) {
      const next = childOf(found, String(step))
      if (next === undefined) return undefined
      found = next
    }
    let rest = text
    for (;;) {
      const [next, left] = stepOf(found, rest)
      if (next === undefined) break
      found = next
      rest = left
    }
    const [, unknown] = /^(?:the configuration)?: unknown key '([^']*)'/.exec(rest) ?? []
    const at = unknown === undefined ? undefined : childOf(found, unknown)
    return this.source.at((at ?? found).at)
  }
}

function childOf({ keys, items }: Place, step: string): Place | undefined {
  return keys?.get(step) ?? items?.[Number(step)]
}

// The longest key that the text goes on with: keys may have dots and brackets.
function stepOf({ keys, items }: Place, text: string): [next: Place | undefined, left: string] {
  const index = /^\[(\d+)\]/.exec(text)
  if (items !== null && index !== null) return [items[Number(index[1])], text.slice(index[0].length)]
  if (keys === null) return [undefined, text]
  const path = text.replace(/^\./, '')
  for (const end of endsIn(path)) {
    const next = keys.get(path.slice(0, end))
    if (next !== undefined) return [next, path.slice(end)]
  }
  return [undefined, text]
}

// Where a key may end, the longest first.
function endsIn(path: string): number[] {
  return [...path.matchAll(/(?=[.[:]|$)/g)].map(({ index }) => index).reverse()
}
