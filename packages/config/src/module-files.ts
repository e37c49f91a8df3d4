import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { decodeText } from './decode-text.js'
import { LARGEST_CONFIG, readRegularFile } from './regular-file.js'

/** Files of a module that are looked at, itself included. */
const MOST_FILES = 1_000

// `from './x.js'`, `import './x.js'`, `import('./x.js')`: what is no import but looks like one is a file too many.
const IMPORT = /\b(?:from|import)\s*\(?\s*(['"])((?:\.{1,2}\/|file:)[^'"\n]+)\1/g

/**
 * The files that a module imports by their paths, and those by theirs, with their texts; `null` for those that cannot be read.
 * Packages are not followed.
 */
export async function importedFiles(
  path: string,
  text: string,
  deadlineMs: number
): Promise<ReadonlyMap<string, string | null>> {
  const found = new Map<string, string | null>()
  const open: { readonly path: string; readonly text: string }[] = [{ path, text }]
  for (let module = open.pop(); module !== undefined; module = open.pop())
    for (const file of importsOf(module.path, module.text)) {
      if (file === path || found.has(file) || found.size === MOST_FILES) continue
      const content = await textOf(file, deadlineMs)
      found.set(file, content)
      if (content !== null) open.push({ path: file, text: content })
    }
  return found
}

function importsOf(path: string, text: string): string[] {
  return [...text.matchAll(IMPORT)].flatMap(([, , specifier = '']) => {
    if (!specifier.startsWith('file:')) return [resolve(dirname(path), specifier)]
    try {
      return [fileURLToPath(specifier)]
    } catch {
      return []
    }
  })
}

async function textOf(file: string, deadlineMs: number): Promise<string | null> {
  try {
    return decodeText(await readRegularFile(file, LARGEST_CONFIG, deadlineMs))
  } catch {
    return null
  }
}
