import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { startRegistry } from './package-registry.js'
import { packPackages } from './packed-packages.js'

/** What a command did. */
interface Ran {
  readonly code: number | null
  /** Both outputs, as they came. */
  readonly output: string
}

/** A machine of a newcomer: nothing but Node, npm and a registry that has this repository's packages. */
export interface Newcomer {
  /** Where the newcomer works. */
  readonly folder: string
  /** Runs a command to its end. */
  run(command: string, args: readonly string[], cwd?: string, env?: Record<string, string>): Promise<Ran>
  /** Runs `create-gatewright` from its tarball. */
  create(args: readonly string[], cwd?: string, env?: Record<string, string>): Promise<Ran>
  /** Starts a command in a process group of its own. */
  start(command: string, args: readonly string[], cwd: string, env?: Record<string, string>): ChildProcess
  /** The path of a package's tarball. */
  tarballOf(name: string): string
  leave(): void
}

/** Packs all packages, and installs `create-gatewright` from its tarball. */
export async function newcomer(): Promise<Newcomer> {
  const home = mkdtempSync(join(tmpdir(), 'gatewright-newcomer-'))
  const [packed, tool, folder] = ['packed', 'tool', 'work'].map((name) => join(home, name)) as [
    string,
    string,
    string
  ]
  for (const path of [packed, tool, folder]) mkdirSync(path)
  const packages = packPackages(packed)
  const registry = await startRegistry(packed, packages)
  const tarballOf = (name: string): string =>
    join(packed, packages.find(({ manifest }) => manifest.name === name)?.file ?? '')
  const install = ['install', '--silent', '--prefix', tool, tarballOf('create-gatewright')]
  const { status, stderr } = spawnSync('npm', install, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  const env = { ...environment(), 'npm_config_@gatewright:registry': registry.url }
  const begin = (command: string, args: readonly string[], cwd: string, more: object, detached: boolean) =>
    spawn(command, args, { cwd, env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'pipe'], detached })
  const start: Newcomer['start'] = (command, args, cwd, more = {}) => begin(command, args, cwd, more, true)
  const run: Newcomer['run'] = async (command, args, cwd = folder, more = {}) => {
    // Within the group of the tests, and so gone when that is.
    const child = begin(command, args, cwd, more, false)
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        output += chunk
      })
    const [code] = await once(child, 'close')
    return { code, output }
  }
  return {
    folder,
    start,
    run,
    tarballOf,
    create: (args, cwd, more) => run(join(tool, 'node_modules/.bin/create-gatewright'), args, cwd, more),
    leave() {
      registry.close()
      rmSync(home, { recursive: true, force: true })
    }
  }
}

/** A user's environment knows nothing of how tests are run, nor of the npm that runs them. */
function environment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name, value]) =>
      value !== undefined &&
      !/^(?:npm_(?!config_(?:cache|registry)$)|NODE_OPTIONS|NODE_TEST|NODE_V8)/.test(name)
  ) as [string, string][]
  const PATH = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`
  return {
    ...Object.fromEntries(kept),
    PATH,
    npm_config_prefer_offline: 'true',
    npm_config_loglevel: 'error'
  }
}
