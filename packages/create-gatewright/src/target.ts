import { readdirSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { Refusal } from './terminal.js'

/** Where a project goes, and what it is called. */
export interface Target {
  /** The folder, absolute. */
  readonly folder: string
  /** The `name` in `package.json`. */
  readonly name: string
}

/** What a folder may hold and still count as empty: nothing of it is in the way of a project. */
const HARMLESS = new Set([
  '.git',
  '.gitattributes',
  '.hg',
  '.idea',
  '.vscode',
  '.DS_Store',
  'Thumbs.db',
  'LICENSE'
])

const RESERVED: readonly string[] = ['node_modules', 'favicon.ico']

/** Reads `my-gateway`, `services/gateway`, `.`, or `@acme/gateway`, which is a folder `gateway` for a package of that name. */
export function resolveTarget(written: string, name: string | null, cwd: string): Target {
  const trimmed = written.trim()
  if (trimmed === '') throw new Refusal('the name of the folder is empty', 2)
  const scoped = /^(@[^/\\]+\/([^/\\]+))[/\\]?$/.exec(trimmed)
  const folder = resolve(cwd, scoped?.[2] ?? trimmed)
  const wanted = name ?? scoped?.[1] ?? packageNameFor(basename(folder))
  const problem = problemOfName(wanted)
  if (problem !== null)
    throw new Refusal(`'${wanted}' is no name for a package: ${problem}; give one with --name`, 2)
  return { folder, name: wanted }
}

/**
 * A name for a package that is as near to a folder's as npm's rules allow: `My Gateway` becomes `my-gateway`. So does a name
 * of which nothing is left.
 */
export function packageNameFor(folder: string): string {
  const name = folder
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._~-]+/g, '-')
    .replace(/^[._-]+|-+$/g, '')
    .slice(0, 214)
  return name === '' || RESERVED.includes(name) ? 'my-gateway' : name
}

/** What is wrong with the name of a package, by npm's rules for new packages; `null`: nothing. */
export function problemOfName(name: string): string | null {
  if (name === '') return 'it is empty'
  if (name.length > 214) return 'it has more than 214 characters'
  if (name !== name.toLowerCase()) return 'it must be in lower case'
  if (!/^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/.test(name))
    return 'it may have letters a to z, digits, and - . _ ~ but not begin with a dot or _'
  if (RESERVED.includes(name)) return 'npm keeps it for itself'
  return null
}

/** What in a folder is in the way of a project, sorted; nothing where there is no such folder. */
export function inTheWay(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((entry) => !HARMLESS.has(entry))
      .sort()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return []
    if (code === 'ENOTDIR') throw new Refusal(`${folder} is a file, or lies below one`)
    throw new Refusal(`${folder} cannot be read: ${(error as Error).message}`)
  }
}
