import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Invariant } from '@gatewright/lint'
import { type Terminal, UsageError } from './command.js'

/** The invariants of modules: their default exports, lists of invariants. Throws a {@link UsageError}. */
export async function loadInvariants(files: readonly string[], { cwd }: Terminal): Promise<Invariant[]> {
  const all: Invariant[] = []
  for (const file of files) {
    const { default: given } = await load(file, cwd)
    if (!Array.isArray(given))
      throw new UsageError(`${file}: its default export must be a list of invariants`)
    all.push(...(given as Invariant[]))
  }
  return all
}

async function load(file: string, cwd: string): Promise<{ readonly default?: unknown }> {
  try {
    return (await import(pathToFileURL(resolve(cwd, file)).href)) as { readonly default?: unknown }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
      throw new UsageError(`${file}: a module ends with .mjs, .js, or, with Node 22.18 or newer, .mts or .ts`)
    throw new UsageError(`${file} cannot be loaded: ${message}`)
  }
}
