import type { Draft } from '../draft.js'
import type { Place } from '../migration.js'

/** What a {@link Tree} holds. */
export type TreeContent =
  | { readonly kind: 'map'; readonly fields: ReadonlyMap<string, Tree> }
  | { readonly kind: 'list'; readonly items: readonly Tree[] }
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'code'; readonly source: string; readonly node?: unknown }

/** A value of a file with its place, which remembers what of it was read: what was not is told in the end. */
export class Tree {
  readonly place: Place
  readonly content: TreeContent
  #isRead = false

  constructor(place: Place, content: TreeContent) {
    this.place = place
    this.content = content
  }

  /** A field, which counts as read. */
  get(name: string): Tree | undefined {
    const found = this.content.kind === 'map' ? this.content.fields.get(name) : undefined
    found?.read()
    return found
  }

  /** All fields, which count as read. */
  get fields(): readonly (readonly [string, Tree])[] {
    if (this.content.kind !== 'map') return []
    const all = [...this.content.fields]
    for (const [, field] of all) field.read()
    return all
  }

  /** The items of a list, which count as read; of anything else that is there, itself. */
  get items(): readonly Tree[] {
    if (this.content.kind === 'list') {
      for (const item of this.content.items) item.read()
      return this.content.items
    }
    return this.content.kind === 'value' && this.content.value === null ? [] : [this]
  }

  /** A text, or a number or boolean as one. */
  get text(): string | undefined {
    const { content } = this
    if (content.kind !== 'value' || content.value === null || content.value === undefined) return undefined
    return String(content.value)
  }

  /** The texts of a list, or of a single one. */
  get texts(): readonly string[] {
    return this.items.flatMap(({ text }) => text ?? [])
  }

  /** Whether it is `true`. */
  get isTrue(): boolean {
    return this.content.kind === 'value' && (this.content.value === true || this.content.value === 'true')
  }

  /** Everything in it as plain data, read. Code is `undefined`. */
  get data(): unknown {
    this.read()
    if (this.content.kind === 'map')
      return Object.fromEntries(this.fields.map(([name, field]) => [name, field.data]))
    if (this.content.kind === 'list') return this.items.map((item) => item.data)
    return this.content.kind === 'value' ? this.content.value : undefined
  }

  /** Counts it as read: whoever reads it tells what it makes of it. */
  read(): void {
    this.#isRead = true
  }

  /** Counts it as read with everything in it. */
  readAll(): void {
    this.read()
    if (this.content.kind === 'map') for (const [, field] of this.fields) field.readAll()
    if (this.content.kind === 'list') for (const item of this.items) item.readAll()
  }

  /** Tells what was not read, by its path. */
  tellUnread(
    draft: Draft,
    path = '',
    messageOf: (name: string) => string = () => 'it is not translated'
  ): void {
    const { content } = this
    const inner =
      content.kind === 'map'
        ? [...content.fields].map(
            ([name, field]) => [name, path === '' ? name : `${path}.${name}`, field] as const
          )
        : content.kind === 'list'
          ? content.items.map((item, index) => ['', `${path}[${index}]`, item] as const)
          : []
    for (const [name, at, field] of inner)
      if (field.#isRead) field.tellUnread(draft, at, messageOf)
      else draft.note('left-out', field.place, at, messageOf(name))
  }
}
