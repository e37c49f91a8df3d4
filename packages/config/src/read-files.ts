import { readdir, stat } from 'node:fs/promises'
import { dirname, extname, join, relative, resolve } from 'node:path'
import { decodeText } from './decode-text.js'
import type { ConfigDocument } from './document.js'
import { Fingerprint } from './fingerprint.js'
import { importedFiles } from './module-files.js'
import { valueIn } from './named-value.js'
import { parseData } from './parse-data.js'
import { parseModule } from './parse-module.js'
import type { FileProblem } from './problems.js'
import { placeIn, type ReadRecord, type RecordedPlace } from './read-record.js'
import type { FileContent } from './references.js'
import { LARGEST_CONFIG, readRegularFile, UnreadableFile } from './regular-file.js'
import { SourceText } from './source-text.js'
import { shownMs, within } from './within.js'

const DATA = ['.yaml', '.yml', '.json']
const MODULES = ['.ts', '.mts', '.mjs', '.js']

/** What files are read with. */
export interface ReadContext {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  readonly functions: ReadonlyMap<string, unknown>
  readonly deadlineMs: number
  /** Values that must not be shown are added to it. */
  readonly secrets: Set<string>
  /** What is read in place of the files; modules are loaded from their files all the same. */
  readonly replay: ReadRecord | null
}

/** What was read. */
export interface ReadFiles {
  readonly documents: readonly ConfigDocument[]
  readonly texts: readonly SourceText[]
  /** Files and folders that were looked at, absolute: what a watcher looks at. */
  readonly places: ReadonlySet<string>
  readonly problems: FileProblem[]
  /** Of all contents. */
  readonly fingerprint: string
  /** Of the modules that modules import. */
  readonly imports: string
  readonly recorded: Readonly<Record<string, RecordedPlace>>
}

interface Included {
  readonly document: ConfigDocument
  readonly at: string
}

/** Reads files and folders, and what their `include` names, each once and in order. */
export async function readFiles(paths: readonly string[], context: ReadContext): Promise<ReadFiles> {
  const reading = new Reading(context)
  for (const path of paths) await reading.read(resolve(context.cwd, path))
  // A folder that is not mounted would take all routes away.
  if (reading.texts.length === 0 && reading.problems.length === 0)
    reading.problems.push({
      path: '',
      message: `${paths.join(', ')}: there is no file of a configuration in it`
    })
  const { documents, texts, places, problems, contents, imports, recorded } = reading
  const read = { documents, texts, places, problems, recorded }
  return { ...read, fingerprint: contents.value, imports: imports.value }
}

class Reading {
  readonly documents: ConfigDocument[] = []
  readonly texts: SourceText[] = []
  readonly places = new Set<string>()
  readonly problems: FileProblem[] = []
  readonly contents = new Fingerprint()
  readonly imports = new Fingerprint()
  readonly recorded: Record<string, RecordedPlace> = {}
  readonly #context: ReadContext
  readonly #read = new Set<string>()
  readonly #values = new Map<string, Promise<FileContent>>()

  constructor(context: ReadContext) {
    this.#context = context
  }

  async read(path: string, from?: Included): Promise<void> {
    if (this.#read.has(path)) return
    this.#read.add(path)
    this.places.add(path)
    const shown = this.#shown(path)
    const { deadlineMs } = this.#context
    try {
      const late = (): Error => new UnreadableFile(`could not be read within ${shownMs(deadlineMs)}`)
      const names = await within(this.#namesIn(path), deadlineMs, late)
      if (names === null) return await this.#readFile(path, shown)
      for (const name of names) await this.read(join(path, name))
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      const did = error instanceof UnreadableFile || code === undefined ? message : `cannot be read: ${code}`
      const position = from?.document.locate(from.at)
      this.problems.push({
        path: '',
        message: code === 'ENOENT' ? `there is no file ${shown}` : `${shown} ${did}`,
        ...(position === undefined ? {} : { position })
      })
    }
  }

  async #readFile(path: string, shown: string): Promise<void> {
    const text = await this.#textOf(path)
    const source = new SourceText(shown, text)
    this.texts.push(source)
    this.contents.add(path, text)
    const document = await this.#parse(source, path)
    if (document === null) return
    this.documents.push(document)
    const { include } = document.value
    for (const [index, name] of includesOf(document, this.problems).entries())
      await this.read(resolve(dirname(path), name), {
        document,
        at: Array.isArray(include) ? `include[${index}]` : 'include'
      })
  }

  // `null` when it is no folder.
  async #namesIn(path: string): Promise<readonly string[] | null> {
    const place = this.#replayed(path)
    if (place !== null && 'problem' in place) throw new UnreadableFile(place.problem)
    const names = place === null ? await dataFilesIn(path) : 'names' in place ? place.names : null
    if (names !== null) this.recorded[path] = { names }
    return names
  }

  async #textOf(path: string): Promise<string> {
    const place = this.#replayed(path)
    if (place !== null && 'text' in place) {
      this.recorded[path] = place
      return place.text
    }
    const text = decodeText(await readRegularFile(path, LARGEST_CONFIG, this.#context.deadlineMs))
    this.recorded[path] = { text }
    return text
  }

  #replayed(path: string): RecordedPlace | null {
    const { replay } = this.#context
    return replay === null || MODULES.includes(extname(path).toLowerCase()) ? null : placeIn(replay, path)
  }

  async #parse(source: SourceText, path: string): Promise<ConfigDocument | null> {
    const kind = extname(path).toLowerCase()
    if (DATA.includes(kind)) {
      const readFile = (named: string): Promise<FileContent> => this.#valueOf(resolve(dirname(path), named))
      return await parseData(source, kind === '.json', { ...this.#context, readFile }, this.problems)
    }
    if (MODULES.includes(kind)) {
      const imported = await importedFiles(path, source.text, this.#context.deadlineMs)
      for (const [file, content] of imported) {
        this.places.add(file)
        this.contents.add(file, content ?? '')
        this.imports.add(file, content ?? '')
      }
      return await parseModule(source, path, imported, this.#context, this.problems)
    }
    const known = [...DATA, ...MODULES].join(', ')
    this.problems.push({ path: '', message: `'${source.file}' must end with one of ${known}` })
    return null
  }

  #valueOf(path: string): Promise<FileContent> {
    const known = this.#values.get(path)
    if (known !== undefined) return known
    this.places.add(path)
    const { replay, deadlineMs } = this.#context
    const value = valueIn(path, deadlineMs, replay)
    this.#values.set(path, value)
    void value.then((found) => {
      this.recorded[path] = found
      this.contents.add(path, JSON.stringify(found))
    })
    return value
  }

  #shown(path: string): string {
    const short = relative(this.#context.cwd, path)
    return short.startsWith('..') ? path : short || '.'
  }
}

// `null` when it is no folder. Hidden files are those of editors, and Kubernetes' own beside the links to them.
async function dataFilesIn(path: string): Promise<string[] | null> {
  if (!(await stat(path)).isDirectory()) return null
  const names = await readdir(path)
  return names.filter((name) => !name.startsWith('.') && DATA.includes(extname(name).toLowerCase())).sort()
}

function includesOf(document: ConfigDocument, problems: FileProblem[]): string[] {
  const { include } = document.value
  if (include === undefined) return []
  const names = [include].flat()
  if (names.every((name) => typeof name === 'string' && name !== '')) return names as string[]
  const position = document.locate('include')
  problems.push({
    path: 'include',
    message: 'must be the path of a file or folder, or a list of them',
    ...(position === undefined ? {} : { position })
  })
  return []
}
