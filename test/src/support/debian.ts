import { execFile } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'

/** What {@link ensureCommand} knows of the machine; tests give another. */
export interface System {
  /** Whether packages may be installed. */
  readonly root: boolean
  /** Whether a test that cannot run is an error. */
  readonly ci: boolean
  /** The folders commands are looked for in. */
  readonly folders: readonly string[]
  /** Runs a line of shell; rejects when it fails. */
  run(line: string): Promise<unknown>
}

const INSTALL_LIMIT_MS = 150_000

/** This process, on this machine. */
function thisSystem(): System {
  const execute = promisify(execFile)
  return {
    root: process.getuid?.() === 0,
    ci: process.env.CI !== undefined && process.env.CI !== '' && process.env.CI !== 'false',
    folders: [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/bin'],
    run: (line) => execute('sh', ['-c', line], { timeout: INSTALL_LIMIT_MS })
  }
}

/**
 * The path of a command that a test needs, such as `nginx`. Where it is missing, its Debian package is installed,
 * given root and apt-get. Where that is impossible too, the test is skipped and the answer is `null`; on CI (`CI`
 * is set) it rejects instead, so that nothing goes untested unnoticed.
 */
export async function ensureCommand(
  t: Pick<TestContext, 'skip'>,
  command: string,
  { package: name = command }: { readonly package?: string } = {},
  system: System = thisSystem()
): Promise<string | null> {
  const present = find(command, system)
  if (present !== null) return present
  const problem = await install(name, system)
  const installed = problem === null ? find(command, system) : null
  if (installed !== null) return installed
  const message = `NOT RUN: '${command}' is missing (Debian package ${name}): ${problem ?? 'the package lacks it'}`
  if (system.ci) throw new Error(message)
  t.skip(message)
  return null
}

/** Installs a package. What stands in the way, or `null`. */
async function install(name: string, system: System): Promise<string | null> {
  if (find('apt-get', system) === null) return 'there is no apt-get'
  if (!system.root) return 'only root can install it'
  // Test files run side by side, and apt-get gives up when another one is at work.
  const line = `flock /tmp/gatewright-apt.lock sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends ${name}'`
  try {
    await system.run(line)
    return null
  } catch (error) {
    return (error as Error).message
  }
}

function find(command: string, { folders }: System): string | null {
  for (const folder of folders) {
    const path = join(folder, command)
    try {
      accessSync(path, constants.X_OK)
      if (statSync(path).isFile()) return path
    } catch {
      // Not there, or not to be run: the next folder.
    }
  }
  return null
}
