/** Those that `--package-manager` takes. */
export const PACKAGE_MANAGERS = ['npm', 'pnpm', 'yarn'] as const

/** A package manager. */
export type PackageManagerName = (typeof PACKAGE_MANAGERS)[number]

/**
 * The one that runs the command, by the user agent it tells its children (`npm_config_user_agent`, such as
 * `pnpm/9.1.0 npm/? node/v22.0.0 linux x64`). Default: npm.
 */
export function detectPackageManager(userAgent: string | undefined): PackageManagerName {
  const [name = ''] = (userAgent ?? '').split('/')
  return PACKAGE_MANAGERS.find((known) => known === name) ?? 'npm'
}
