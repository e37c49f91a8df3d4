import type { Directive } from './directives.js'

/** The directives that hold at one place: its own, and those around it. */
export class Scope {
  readonly #own: readonly Directive[]
  readonly #around: Scope | null
  readonly #used: Set<Directive>
  /** What `set` has made constant, by variable. */
  readonly constants: ReadonlyMap<string, string>

  constructor(own: readonly Directive[], around: Scope | null, used: Set<Directive>) {
    this.#own = own
    this.#around = around
    this.#used = used
    const constants = new Map(around?.constants ?? [])
    for (const directive of own) {
      const { name, args } = directive
      if (name !== 'set' || args.length !== 2) continue
      constants.set((args[0] ?? '').slice(1), args[1] ?? '')
      used.add(directive)
    }

    this.constants = constants
  }

  /** A scope within this one. */
  within(own: readonly Directive[]): Scope {
    return new Scope(own, this, this.#used)
  }

  /** The directive of this name that holds here: the last one of the innermost place that has one. */
  one(name: string): Directive | undefined {
    return this.all(name).at(-1)
  }

  /** All directives of this name at the innermost place that has any: those of places around it do not hold then. */
  all(name: string): readonly Directive[] {
    const found = this.own(name)
    return found.length > 0 ? found : (this.#around?.all(name) ?? [])
  }

  /** As {@link all}, of several names that belong together, in their order. */
  ownOrAround(names: readonly string[]): readonly Directive[] {
    const found = this.ownOf(names)
    return found.length > 0 ? found : (this.#around?.ownOrAround(names) ?? [])
  }

  /** Those of this place alone. */
  own(name: string): readonly Directive[] {
    const found = this.#own.filter((directive) => directive.name === name)
    for (const directive of found) this.#used.add(directive)
    return found
  }

  /** Its own of several names, in their order. */
  ownOf(names: readonly string[]): readonly Directive[] {
    const found = this.#own.filter(({ name }) => names.includes(name))
    for (const directive of found) this.#used.add(directive)
    return found
  }

  /** Marks everything within a directive as told. */
  use(directive: Directive): void {
    this.#used.add(directive)
    for (const inner of directive.block ?? []) this.use(inner)
  }
}
