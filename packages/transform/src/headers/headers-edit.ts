import type { EditedRequest } from '@gatewright/core'
import { includes } from '../name-set.js'
import type { AnswerSource } from '../template/variable.js'
import { appendLine, indexOf } from './field-list.js'
import type { HeadersSettings } from './settings.js'

// Without them nobody could read the body.
const OF_THE_BODY = new Set(['content-type', 'content-encoding', 'content-range', 'content-length'])

const KEPT = ''
const DROPPED = '\n'
const MOST = 512

/** Changes header fields: of requests, where values are texts, or of responses, where those of a repeated field are a list. */
export class HeadersEdit<V extends string | string[] = string> {
  readonly #settings: HeadersSettings
  readonly #written: ReadonlySet<string>
  /** What becomes of a field, by its name as received: it is kept, dropped, or gets another name. */
  readonly #fates = new Map<string, string>()

  constructor(settings: HeadersSettings) {
    this.#settings = settings
    this.#written = new Set([...settings.set.map(({ name }) => name), ...settings.rename.values()])
  }

  /** The same without `keepOnly`. */
  get keepingAll(): HeadersEdit<V> {
    return this.#settings.keepOnly === null ? this : new HeadersEdit({ ...this.#settings, keepOnly: null })
  }

  /** Path parameters without which a field would have no value. */
  get params(): readonly string[] {
    const { set, setIfAbsent, append } = this.#settings
    return [...set, ...setIfAbsent, ...append].flatMap(({ value }) => value.params)
  }

  /** The fields changed, as a new list of `[name, value, …]`. `answer`: `null` for requests. */
  apply(
    fields: readonly (string | V)[],
    request: EditedRequest,
    answer: AnswerSource | null
  ): (string | V)[] {
    const list: (string | V)[] = []
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i] as string
      const fate = this.#fateOf(name)
      if (fate === KEPT) list.push(name, fields[i + 1] as V)
      else if (fate !== DROPPED) list.push(fate, fields[i + 1] as V)
    }
    const { set, setIfAbsent, append } = this.#settings
    for (const { name, value } of set) {
      const text = value.value(request, answer)
      if (text !== null && text !== '') list.push(name, text)
    }
    for (const { name, value } of setIfAbsent) {
      if (indexOf(list, name) !== -1) continue
      const text = value.value(request, answer)
      if (text !== null && text !== '') list.push(name, text)
    }
    for (const { name, value } of append) {
      const text = value.value(request, answer)
      if (text !== null && text !== '') appendLine(list as (string | string[])[], name, text, answer !== null)
    }
    return list
  }

  #fateOf(name: string): string {
    const known = this.#fates.get(name)
    if (known !== undefined) return known
    const fate = this.#classify(name.toLowerCase())
    // Others choose names, so the table must not grow with them.
    if (this.#fates.size < MOST) this.#fates.set(name, fate)
    return fate
  }

  #classify(lower: string): string {
    const { keepOnly, remove, rename } = this.#settings
    if (keepOnly !== null && !OF_THE_BODY.has(lower) && !includes(keepOnly, lower)) return DROPPED
    if (includes(remove, lower)) return DROPPED
    const to = rename.get(lower)
    if (to !== undefined) return to
    if (this.#written.has(lower)) return DROPPED
    if (!lower.includes('_')) return KEPT
    // A reader that takes it for hyphens must not get by this spelling what it is denied by the other.
    const hyphened = lower.replaceAll('_', '-')
    return includes(remove, hyphened) || rename.has(hyphened) || this.#written.has(hyphened) ? DROPPED : KEPT
  }
}
