import { commandsFor, type PackageManager } from './package-manager.js'

/** The parts of a `package.json` that templates have. */
export interface Manifest {
  readonly name?: string
  readonly type?: string
  readonly description?: string | undefined
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly [key: string]: unknown
}

/** What a project's `package.json` has of its own. */
export interface ManifestValues {
  readonly name: string
  /** The version of Gatewright. */
  readonly version: string
  readonly packageManager: PackageManager
}

/** A preset's `package.json` on top of the one that all share. Gatewright's packages get their version. */
export function mergeManifests(shared: Manifest, preset: Manifest, values: ManifestValues): Manifest {
  const { name, version, packageManager } = values
  const pinned = (kind: 'dependencies' | 'devDependencies'): Record<string, string> =>
    sorted(
      Object.entries({ ...shared[kind], ...preset[kind] }).map(([dependency, range]) => [
        dependency,
        dependency.startsWith('@gatewright/') ? version : range
      ])
    )
  const scripts = Object.entries({ ...shared.scripts, ...preset.scripts }).map(([script, command]) => [
    script,
    commandsFor(packageManager.name, command)
  ])
  const { name: _, description: __, ...rest } = shared
  return {
    name,
    description: preset.description,
    ...rest,
    ...(packageManager.pinned === null ? {} : { packageManager: packageManager.pinned }),
    scripts: Object.fromEntries(scripts),
    dependencies: pinned('dependencies'),
    devDependencies: pinned('devDependencies')
  }
}

/** A `package.json` that is there, with what the project needs and it does not have. Nothing that it says is changed. */
export function completeManifest(own: Manifest, needed: Manifest): Manifest {
  const has = (dependency: string): boolean => dependency in { ...own.dependencies, ...own.devDependencies }
  const missing = (kind: 'dependencies' | 'devDependencies'): Record<string, string> =>
    sorted([
      ...Object.entries(own[kind] ?? {}),
      ...Object.entries(needed[kind] ?? {}).filter(([dependency]) => !has(dependency))
    ])
  return {
    ...own,
    scripts: { ...needed.scripts, ...own.scripts },
    dependencies: missing('dependencies'),
    devDependencies: missing('devDependencies')
  }
}

function sorted(entries: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries([...entries].sort(([one], [other]) => (one < other ? -1 : 1)))
}
