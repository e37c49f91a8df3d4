import { createHash } from 'node:crypto'
import { toldError } from '@gatewright/core'
import type { ConfigDocument } from './document.js'
import { importAnew } from './import-anew.js'
import { plainCopy } from './plain-copy.js'
import type { FileProblem } from './problems.js'
import type { SourceText } from './source-text.js'
import { shownMs, within } from './within.js'

/** What a module is loaded with. */
export interface ModuleContext {
  readonly env: NodeJS.ProcessEnv
  readonly deadlineMs: number
}

/**
 * Loads a module of JavaScript or TypeScript: its default export, or what a function that is one gives. `imported` are the
 * files that it imports.
 */
export async function parseModule(
  source: SourceText,
  path: string,
  imported: ReadonlyMap<string, string | null>,
  { env, deadlineMs }: ModuleContext,
  problems: FileProblem[]
): Promise<ConfigDocument | null> {
  const position = source.at(0)
  const fail = (message: string): null => {
    problems.push({ path: '', message, position })
    return null
  }
  const late = (): Error =>
    new Error(
      `it has not loaded within ${shownMs(deadlineMs)}: a top-level await, or its function, never settles`
    )
  try {
    const value = await within(exported(path, contentKey(source.text, imported), env), deadlineMs, late)
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return fail('the default export must be a configuration, or a function that gives one')
    const found: FileProblem[] = []
    const copy = plainCopy(value, found) as Readonly<Record<string, unknown>>
    problems.push(...found.map((problem) => ({ ...problem, position })))
    return found.length > 0 ? null : { source, value: copy, locate: () => ({ ...position }) }
  } catch (error) {
    const { code, message } = (error ?? {}) as Partial<NodeJS.ErrnoException>
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
      return fail(
        `Node ${process.versions.node} reads no TypeScript: use Node 22.18 or newer, or compile it to JavaScript`
      )
    return fail(
      `the module cannot be loaded: ${error instanceof Error ? message : `it threw ${toldError(error)}`}`
    )
  }
}

async function exported(path: string, key: string, env: NodeJS.ProcessEnv): Promise<unknown> {
  const { default: given } = (await importAnew(path, key)) as { readonly default?: unknown }
  return typeof given === 'function' ? await given({ env }) : given
}

function contentKey(text: string, imported: ReadonlyMap<string, string | null>): string {
  const hash = createHash('sha256').update(text)
  for (const [file, content] of imported) hash.update(`\0${file}\0${content ?? ''}`)
  return hash.digest('hex').slice(0, 24)
}
