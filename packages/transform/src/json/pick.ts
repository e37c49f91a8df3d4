import { JsonValue } from './json-value.js'
import type { Pointer } from './pointer.js'

/** What is kept of a value: all of it, or what its parts say. */
interface Picked {
  whole: boolean
  readonly parts: Map<string, Picked>
}

const EVERY = '*'

/** Keeps what the pointers lead to, with the objects and arrays on the way, and drops everything else. */
export class Pick {
  readonly #root: Picked = { whole: false, parts: new Map() }

  constructor(pointers: readonly Pointer[]) {
    for (const pointer of pointers) {
      let node = this.#root
      for (const { name } of pointer) {
        let next = node.parts.get(name)
        if (next === undefined) {
          next = { whole: false, parts: new Map() }
          node.parts.set(name, next)
        }
        node = next
      }
      node.whole = true
    }
  }

  /** The value with nothing else in it; one that is no object or array becomes `null`. */
  apply(value: JsonValue): JsonValue {
    return prune(value, [this.#root]) ? value : new JsonValue('null')
  }
}

// Whether anything of the value can be kept.
function prune(value: JsonValue, picked: readonly Picked[]): boolean {
  if (picked.some(({ whole }) => whole)) return true
  if (value.isObject) {
    const kept = value.members.filter(({ key, value: part }) => keeps(part, key, picked))
    value.members = kept
    return true
  }
  if (!value.isArray) return false
  value.items = value.items.filter((item, index) => keeps(item, String(index), picked))
  return true
}

function keeps(part: JsonValue, name: string, picked: readonly Picked[]): boolean {
  const next = picked.flatMap(({ parts }) => {
    const found = [parts.get(name), name === EVERY ? undefined : parts.get(EVERY)]
    return found.filter((one) => one !== undefined)
  })
  return next.length > 0 && prune(part, next)
}
