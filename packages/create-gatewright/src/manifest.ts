/** The parts of a `package.json` that templates have. */
export interface Manifest {
  readonly name?: string
  readonly description?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly [key: string]: unknown
}

/** A preset's `package.json` on top of the one that all share; Gatewright's packages get the version of this one. */
export function mergeManifests(
  shared: Manifest,
  preset: Manifest,
  { name, version }: { readonly name: string; readonly version: string }
): Manifest {
  const pinned = (kind: 'dependencies' | 'devDependencies'): Record<string, string> => {
    const all = Object.entries({ ...shared[kind], ...preset[kind] }).sort(([one], [other]) =>
      one < other ? -1 : 1
    )
    return Object.fromEntries(
      all.map(([dependency, range]) => [dependency, dependency.startsWith('@gatewright/') ? version : range])
    )
  }
  return {
    ...shared,
    name,
    ...(preset.description === undefined ? {} : { description: preset.description }),
    dependencies: pinned('dependencies'),
    devDependencies: pinned('devDependencies')
  }
}
