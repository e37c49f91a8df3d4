import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, extname, join, relative, resolve } from 'node:path'
import type { ConfigDocument } from './document.js'
import { parseData } from './parse-data.js'
import { parseModule } from './parse-module.js'
import type { FileProblem } from './problems.js'
import type { Lookup } from './references.js'
import { SourceText } from './source-text.js'

const DATA = ['.yaml', '.yml', '.json']
const MODULES = ['.ts', '.mts', '.mjs', '.js']
/** How large a file may be, in bytes. */
const LARGEST = 64 * 1024 * 1024

/** What was read. */
export interface ReadFiles {
  readonly documents: readonly ConfigDocument[]
  readonly texts: readonly SourceText[]
  /** Files and folders that were looked at, absolute: what a watcher looks at. */
  readonly places: ReadonlySet<string>
  readonly problems: FileProblem[]
}

/** Reads files and folders, and what their `include` names, each once and in order. */
export async function readFiles(
  paths: readonly string[],
  { cwd, ...lookup }: Lookup & { readonly cwd: string }
): Promise<ReadFiles> {
  const documents: ConfigDocument[] = []
  const texts: SourceText[] = []
  const places = new Set<string>()
  const problems: FileProblem[] = []

  async function read(
    path: string,
    from?: { readonly document: ConfigDocument; readonly index: string }
  ): Promise<void> {
    if (places.has(path)) return
    places.add(path)
    const shown = relative(cwd, path).startsWith('..') ? path : relative(cwd, path) || '.'
    const fail = (message: string): void => {
      const position = from?.document.locate(`include${from.index}`)
      problems.push({ path: '', message, ...(position === undefined ? {} : { position }) })
    }
    try {
      const found = await stat(path)
      if (found.isDirectory()) {
        for (const name of await dataFilesIn(path)) await read(join(path, name))
        return
      }
      if (found.size > LARGEST) return fail(`${shown} is larger than 64 MiB`)
      const source = new SourceText(shown, (await readFile(path, 'utf8')).replace(/^\ufeff/, ''))
      texts.push(source)
      const document = await parse(source, path)
      if (document === null) return
      documents.push(document)
      for (const [index, name] of includesOf(document, problems).entries())
        await read(resolve(dirname(path), name), {
          document,
          index: Array.isArray(document.value.include) ? `[${index}]` : ''
        })
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      fail(code === 'ENOENT' ? `there is no file ${shown}` : `${shown} cannot be read: ${message}`)
    }
  }

  async function parse(source: SourceText, path: string): Promise<ConfigDocument | null> {
    const kind = extname(path)
    if (DATA.includes(kind)) return parseData(source, lookup, problems)
    if (MODULES.includes(kind)) return await parseModule(source, path, lookup.env, problems)
    const known = [...DATA, ...MODULES].join(', ')
    problems.push({ path: '', message: `'${source.file}' must end with one of ${known}` })
    return null
  }

  for (const path of paths) await read(resolve(cwd, path))
  return { documents, texts, places, problems }
}

// Hidden ones are those of editors, and Kubernetes' own beside the links to them.
async function dataFilesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder)
  return names.filter((name) => !name.startsWith('.') && DATA.includes(extname(name))).sort()
}

function includesOf(document: ConfigDocument, problems: FileProblem[]): string[] {
  const { include } = document.value
  if (include === undefined) return []
  const names = [include].flat()
  if (names.every((name) => typeof name === 'string')) return names as string[]
  const position = document.locate('include')
  problems.push({
    path: 'include',
    message: 'must be the path of a file or folder, or a list of them',
    ...(position === undefined ? {} : { position })
  })
  return []
}
