import { createHash } from 'node:crypto'
import { extname, isAbsolute, resolve } from 'node:path'
import type { LoadedConfig } from '../load.js'

/** Where a version comes from, as the caller says. */
export interface VersionOrigin {
  readonly author?: string
  readonly reason?: string
  readonly source?: string
}

/** A configuration that has run, as the list of a history has it. */
export interface KeptVersion {
  /** From 1, through all restarts. */
  readonly revision: number
  /** The revision that it took the place of; `null` for the first. */
  readonly parent: number | null
  /** A name of its content, 16 hexadecimal digits of SHA-256; `null` where the content is not kept. */
  readonly id: string | null
  /** Why the content is not kept; `null` where it is. */
  readonly missing: string | null
  /** When it began to run: RFC 3339, UTC. */
  readonly at: string
  readonly author: string | null
  readonly reason: string | null
  readonly source: string | null
}

/** The content of a version: its files as they were written, with their references. */
export interface VersionContent {
  /** The arguments that they were read by, absolute. */
  readonly roots: readonly string[]
  /** Texts by absolute path. */
  readonly files: Readonly<Record<string, string>>
  /** The names of the files of folders, by absolute path. */
  readonly folders: Readonly<Record<string, readonly string[]>>
}

/** What going back to a version has done to the files. */
export interface Restored {
  readonly written: readonly string[]
  readonly removed: readonly string[]
}

const MODULES = ['.ts', '.mts', '.mjs', '.js']

/** The content that can be kept of a configuration, or why none can. */
export function contentOf(
  { texts, record }: LoadedConfig,
  roots: readonly string[],
  cwd: string
): VersionContent | { readonly missing: string } {
  const files: Record<string, string> = {}
  for (const { file, text } of texts) {
    const path = resolve(cwd, file)
    if (!(path in record.places)) return { missing: `${file} is no file of this machine` }
    if (MODULES.includes(extname(path).toLowerCase())) return { missing: `${file} is code` }
    files[path] = text
  }
  const folders: Record<string, readonly string[]> = {}
  for (const [path, place] of Object.entries(record.places))
    if ('names' in place && isAbsolute(path)) folders[path] = place.names
  return { roots: roots.map((root) => resolve(cwd, root)), files, folders }
}

/** The name of a content. */
export function idOf(content: VersionContent): string {
  const sorted = (all: object): unknown => Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1))
  const { roots, files, folders } = content
  return createHash('sha256')
    .update(JSON.stringify([roots, sorted(files), sorted(folders)]))
    .digest('hex')
    .slice(0, 16)
}
