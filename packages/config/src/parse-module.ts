import { pathToFileURL } from 'node:url'
import type { ConfigDocument } from './document.js'
import type { FileProblem } from './problems.js'
import type { SourceText } from './source-text.js'

/** Loads a module of JavaScript or TypeScript: its default export, or what a function that is one gives. */
export async function parseModule(
  source: SourceText,
  path: string,
  env: NodeJS.ProcessEnv,
  problems: FileProblem[]
): Promise<ConfigDocument | null> {
  const fail = (message: string): null => {
    problems.push({ path: '', message, position: source.at(0) })
    return null
  }
  try {
    // Another address for another content, as Node keeps modules for ever.
    const url = `${pathToFileURL(path)}?content=${contentKey(source.text)}`
    const { default: given } = (await import(url)) as { default?: unknown }
    const value: unknown = typeof given === 'function' ? await given({ env }) : given
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return fail('the default export must be a configuration, or a function that gives one')
    return { source, value: value as Readonly<Record<string, unknown>>, locate: () => ({ ...source.at(0) }) }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
      return fail(
        `Node ${process.versions.node} reads no TypeScript: use Node 22.18 or newer, or compile it to JavaScript`
      )
    return fail(`the module cannot be loaded: ${message}`)
  }
}

// FNV-1a, 32 bits.
function contentKey(text: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return `${(hash >>> 0).toString(36)}-${text.length}`
}
