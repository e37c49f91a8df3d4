import type { EditedRequest } from '@gatewright/core'
import { type FieldValue, type HeadersSettings, includes } from './settings.js'

// Without them nobody could read the body.
const OF_THE_BODY = new Set(['content-type', 'content-encoding', 'content-range', 'content-length'])

const KEPT = ''
const DROPPED = '\n'
const MOST = 512

/** Changes the header fields of requests, in the order of `HeadersSettings`. */
export class HeadersEdit {
  readonly #settings: HeadersSettings
  readonly #written: ReadonlySet<string>
  /** What becomes of a field, by its name as received: it is kept, dropped, or gets another name. */
  readonly #fates = new Map<string, string>()

  constructor(settings: HeadersSettings) {
    this.#settings = settings
    this.#written = new Set([...settings.set.map(({ name }) => name), ...settings.rename.values()])
  }

  /** Path parameters without which a field would have no value. */
  get params(): readonly string[] {
    const { set, setIfAbsent, append } = this.#settings
    return [...set, ...setIfAbsent, ...append].flatMap(({ value }) => value.params)
  }

  /** The fields changed, as a new list of `[name, value, …]`. */
  apply(fields: readonly string[], request: EditedRequest): string[] {
    const list: string[] = []
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i] as string
      const fate = this.#fateOf(name)
      if (fate === KEPT) list.push(name, fields[i + 1] as string)
      else if (fate !== DROPPED) list.push(fate, fields[i + 1] as string)
    }
    const { set, setIfAbsent, append } = this.#settings
    for (const { name, value } of set) push(list, name, value.value(request, null))
    for (const { name, value } of setIfAbsent)
      if (!has(list, name)) push(list, name, value.value(request, null))
    for (const field of append) pushBehind(list, field, request)
    return list
  }

  #fateOf(name: string): string {
    const known = this.#fates.get(name)
    if (known !== undefined) return known
    const fate = this.#classify(name.toLowerCase())
    // Clients choose names, so the table must not grow with them.
    if (this.#fates.size < MOST) this.#fates.set(name, fate)
    return fate
  }

  #classify(lower: string): string {
    const { keepOnly, remove, rename } = this.#settings
    if (keepOnly !== null && !OF_THE_BODY.has(lower) && !includes(keepOnly, lower)) return DROPPED
    const to = rename.get(lower)
    if (includes(remove, lower)) return DROPPED
    if (to !== undefined) return to
    if (this.#written.has(lower)) return DROPPED
    if (!lower.includes('_')) return KEPT
    // An upstream that reads it with hyphens must not get by this spelling what the other one is denied.
    const hyphened = lower.replaceAll('_', '-')
    return includes(remove, hyphened) || rename.has(hyphened) || this.#written.has(hyphened) ? DROPPED : KEPT
  }
}

function push(list: string[], name: string, value: string | null): void {
  if (value !== null && value !== '') list.push(name, value)
}

function pushBehind(list: string[], { name, value }: FieldValue, request: EditedRequest): void {
  const text = value.value(request, null)
  // Of cookies there is one field (RFC 6265, section 5.4).
  const at = name === 'cookie' ? indexOf(list, name) : -1
  if (at === -1 || text === null || text === '') push(list, name, text)
  else list[at + 1] = `${list[at + 1]}; ${text}`
}

function has(list: readonly string[], name: string): boolean {
  return indexOf(list, name) !== -1
}

function indexOf(list: readonly string[], name: string): number {
  for (let i = 0; i < list.length; i += 2) {
    const other = list[i] as string
    if (other.length === name.length && other.toLowerCase() === name) return i
  }
  return -1
}
