import { spawn } from 'node:child_process'
import type { PackageManagerName } from './package-manager.js'
import type { Terminal } from './terminal.js'

/** Installs a project's dependencies. Resolves with whether that went well; the package manager has told what did not. */
export function install(
  folder: string,
  packageManager: PackageManagerName,
  { env }: Pick<Terminal, 'env'>
): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(packageManager, ['install'], {
      cwd: folder,
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
      // On Windows it is a .cmd file, which needs a shell.
      shell: process.platform === 'win32'
    })
    child.once('error', () => resolve(false))
    child.once('close', (code) => resolve(code === 0))
  })
}
