import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packPackages } from './packed-packages.js'
import { root } from './workspace.js'

/** A project of a user's own, with all packages installed from their tarballs. */
export interface UserProject {
  readonly path: string
  /** What npm has installed, by path, as in a package-lock.json. */
  readonly installed: Readonly<Record<string, InstalledPackage>>
  /** Installs third parties besides: name → range. */
  add(packages: Readonly<Record<string, string>>): void
  /** The files that a package has brought, relative to it. */
  filesOf(name: string): string[]
  read(name: string, file: string): string
  /** Writes a program into the project and runs it; what it printed. */
  run(file: string, program: string): string
  /** Compiles a file of the project as a strict user does, declarations of packages included; what is wrong. */
  compile(file: string, program: string): string
  remove(): void
}

interface InstalledPackage {
  readonly dependencies?: Readonly<Record<string, string>>
}

const COMPILER = { strict: true, noEmit: true, module: 'nodenext', target: 'es2023', types: ['node'] }

/** Packs every package and installs the tarballs. Third parties come from npm's cache where it has them. */
export function installPackages(): UserProject {
  const path = mkdtempSync(join(tmpdir(), 'gatewright-user-'))
  const npm = (args: string[], cwd: string): string =>
    execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  const dependencies = Object.fromEntries(
    packPackages(path).map(({ manifest, file }) => [manifest.name, `file:${file}`])
  )
  writeFileSync(join(path, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }))
  const options = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
  const installed = (names: readonly string[]): void => {
    try {
      npm([...options, '--offline', ...names], path)
    } catch {
      npm([...options, ...names], path)
    }
  }
  const linked = ['@types', 'undici-types'].map((name) => ({
    from: `${root}node_modules/${name}`,
    to: join(path, 'node_modules', name)
  }))
  const install = (names: readonly string[]): void => {
    // npm takes away what is not in its list, through a link too.
    for (const { to } of linked) rmSync(to, { recursive: true, force: true })
    installed(names)
    for (const { from, to } of linked) {
      rmSync(to, { recursive: true, force: true })
      symlinkSync(from, to)
    }
  }
  install([])
  const lock = JSON.parse(readFileSync(join(path, 'package-lock.json'), 'utf8'))
  const at = (name: string, file: string): string => join(path, 'node_modules', name, file)
  return {
    path,
    installed: lock.packages,
    add: (packages) => install(Object.entries(packages).map(([name, range]) => `${name}@${range}`)),
    filesOf: (name) =>
      readdirSync(at(name, ''), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name: file }) => join(parentPath, file).slice(at(name, '').length + 1)),
    read: (name, file) => readFileSync(at(name, file), 'utf8'),
    run(file, program) {
      writeFileSync(join(path, file), program)
      // A user's environment knows nothing of how tests are run.
      const { NODE_OPTIONS: _, ...env } = process.env
      const { status, stdout, stderr } = spawnSync(process.execPath, [file], {
        cwd: path,
        env,
        encoding: 'utf8'
      })
      if (status !== 0 || stderr !== '') throw new Error(`${file} ended with ${status}\n${stderr}`)
      return stdout
    },
    compile(file, program) {
      writeFileSync(join(path, file), program)
      writeFileSync(join(path, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER, files: [file] }))
      const tsc = `${root}node_modules/typescript/bin/tsc`
      const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', path], { encoding: 'utf8' })
      return status === 0 ? '' : `${stdout}${stderr}` || `tsc ended with ${status}`
    },
    remove: () => rmSync(path, { recursive: true, force: true })
  }
}
