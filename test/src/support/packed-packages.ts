import { execFileSync } from 'node:child_process'
import { root, type Workspace, workspacesIn } from './workspace.js'

/** A package as it is published. */
export interface PackedPackage {
  readonly manifest: Workspace['manifest']
  /** The name of its tarball. */
  readonly file: string
}

/** Packs every package of the repository into a folder. */
export function packPackages(folder: string): PackedPackage[] {
  const packages = workspacesIn('packages').map(({ manifest }) => manifest)
  const names = packages.flatMap(({ name }) => ['--workspace', name])
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder, ...names], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe']
  })
  return packages.map((manifest) => ({
    manifest,
    file: `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`
  }))
}
