/** Those that `--package-manager` takes. Each has files of its own in `templates/<name>`: the Dockerfile and the workflow. */
export const PACKAGE_MANAGERS = ['npm', 'pnpm', 'yarn'] as const

/** Which package manager a project is for. */
export type PackageManagerName = (typeof PACKAGE_MANAGERS)[number]

/** A package manager. */
export interface PackageManager {
  readonly name: PackageManagerName
  /** The `packageManager` of `package.json`; `null` for npm, which comes with Node. */
  readonly pinned: string | null
}

/** Where its version is not known. */
const VERSIONS = { pnpm: '10.34.9', yarn: '1.22.22' }

/**
 * The one that is wanted, else the one that runs the command, by what it tells its children (`npm_config_user_agent`, such as
 * `pnpm/10.34.9 npm/? node/v22.0.0 linux x64`), else npm.
 */
export function choosePackageManager(
  wanted: PackageManagerName | null,
  userAgent: string | undefined
): PackageManager {
  const [, running, version] = /^([a-z]+)\/(\d+\.\d+\.\d+)/.exec(userAgent ?? '') ?? []
  const name = wanted ?? PACKAGE_MANAGERS.find((known) => known === running) ?? 'npm'
  if (name === 'npm') return { name, pinned: null }
  return { name, pinned: `${name}@${name === running ? version : VERSIONS[name]}` }
}

/** The same command for another package manager: `npm run drill` becomes `pnpm run drill`. */
export function commandsFor(name: PackageManagerName, text: string): string {
  return text.replace(/\bnpm (?=(?:run|test|start|install)\b)/g, `${name} `)
}
