import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root, with a slash at the end. */
export const root: string = fileURLToPath(new URL('../../../', import.meta.url))

/** The parts of a package.json that the project has rules for. */
interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly description?: string
  readonly license?: string
  readonly keywords?: readonly string[]
  readonly homepage?: string
  readonly repository?: { readonly url: string; readonly directory?: string }
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly type?: string
  readonly engines?: { readonly node?: string }
  readonly exports?: unknown
  readonly bin?: unknown
  readonly files?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** One npm workspace. */
export interface Workspace {
  /** Relative to the root: `packages/core`. */
  readonly path: string
  /** Its folder's name: `core`. */
  readonly name: string
  readonly manifest: Manifest
  /** What its tsconfig.json refers to, relative to the root. */
  readonly references: readonly string[]
}

/** Reads a file of the repository. */
export function read(path: string): string {
  return readFileSync(root + path, 'utf8')
}

/** The workspaces in a folder of the repository, such as `packages`. */
export function workspacesIn(folder: string): Workspace[] {
  if (!existsSync(root + folder)) return []
  return readdirSync(root + folder)
    .map((name) => `${folder}/${name}`)
    .filter((path) => existsSync(`${root}${path}/package.json`))
    .map(workspaceAt)
}

/** The workspace at a path of the repository. */
export function workspaceAt(path: string): Workspace {
  return {
    path,
    name: path.slice(path.lastIndexOf('/') + 1),
    manifest: JSON.parse(read(`${path}/package.json`)),
    references: existsSync(`${root}${path}/tsconfig.json`) ? referencesOf(path) : []
  }
}

/** The paths a folder's tsconfig.json refers to, relative to the root. */
export function referencesOf(path: string): string[] {
  const { references = [] } = JSON.parse(read(`${path}/tsconfig.json`)) as { references?: { path: string }[] }
  return references.map((reference) => relative(root, resolve(root, path, reference.path)))
}

/** The TypeScript files below `src`, relative to the root. */
export function sourcesOf({ path }: Workspace): string[] {
  const src = `${path}/src`
  if (!existsSync(root + src)) return []
  return readdirSync(root + src, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${src}/${file}`)
}
