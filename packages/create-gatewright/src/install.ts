import { type SpawnOptions, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { PackageManagerName } from './package-manager.js'
import type { Terminal } from './terminal.js'

/** How an installation ended. */
export type InstallOutcome = 'done' | 'failed' | 'interrupted'

/**
 * Installs a project's dependencies. What goes wrong is told by the package manager itself, or in a sentence where it says
 * nothing. Ctrl-C ends the package manager, and not this command, which has to tell how to go on.
 */
export async function install(
  folder: string,
  packageManager: PackageManagerName,
  { env, stderr }: Pick<Terminal, 'env' | 'stderr'>
): Promise<InstallOutcome> {
  let interrupted = false
  const interrupt = (): void => {
    interrupted = true
  }
  process.on('SIGINT', interrupt)
  const code = await new Promise<number | null>((resolve) => {
    const options = { cwd: folder, env, stdio: ['ignore', 'inherit', 'inherit'] } satisfies SpawnOptions
    // On Windows it is a .cmd file, which needs a shell.
    const child =
      process.platform === 'win32'
        ? spawn(`${packageManager} install`, { ...options, shell: true })
        : spawn(packageManager, ['install'], options)
    child.once('error', (error: NodeJS.ErrnoException) => {
      const because = error.code === 'ENOENT' ? 'it is not installed' : error.message
      stderr.write(`create-gatewright: ${packageManager} cannot be run: ${because}\n`)
      resolve(null)
    })
    child.once('close', resolve)
  })
  process.off('SIGINT', interrupt)
  if (interrupted) return 'interrupted'
  if (code !== 0) return 'failed'
  if (isInstalled(folder)) return 'done'
  stderr.write(
    `create-gatewright: ${packageManager} has installed nothing for this project, as it belongs to a workspace that does not list it\n`
  )
  return 'failed'
}

/** Whether what every preset depends on is found from its folder, as Node finds packages. */
function isInstalled(folder: string): boolean {
  for (let at = folder; ; at = join(at, '..')) {
    if (existsSync(join(at, 'node_modules/@gatewright/testing'))) return true
    if (at === join(at, '..')) return false
  }
}
