/** Names, and beginnings of names. */
export interface NameSet {
  readonly names: ReadonlySet<string>
  readonly prefixes: readonly string[]
}

/** The set of configured names; those with `*` at the end are beginnings. */
export function nameSet(given: readonly string[]): NameSet {
  return {
    names: new Set(given.filter((name) => !name.endsWith('*'))),
    prefixes: given.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1))
  }
}

/** Whether a name is among them. */
export function includes({ names, prefixes }: NameSet, name: string): boolean {
  return names.has(name) || prefixes.some((prefix) => name.startsWith(prefix))
}

/** A configured name without the `*` of a beginning. */
export function withoutStar(name: string): string {
  return name.endsWith('*') ? name.slice(0, -1) : name
}
