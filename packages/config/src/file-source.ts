import { readdir, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { AgainLater } from './again-later.js'
import { LOADS_IMPORTS_AGAIN } from './import-anew.js'
import { merge } from './merge.js'
import { readFiles } from './read-files.js'
import { redacted } from './redacted.js'
import type { ConfigSource, Followed, SourceContext, SourceRead, SourceSink } from './source.js'

/** What the next reading goes by. */
interface Memory {
  readonly places: ReadonlySet<string>
  /** Of the modules that modules import. */
  readonly imports: string
}

/**
 * Files and folders of this machine, which together are one part: what stands in two of them is a problem. A relative path
 * belongs to `cwd`.
 */
export function file(...paths: readonly string[]): ConfigSource {
  return {
    name: paths.join(', '),
    read: (context) => readOnce(paths, context),
    follow: (context, first, sink, isManual) => new FollowedFiles(paths, context, first, sink, isManual)
  }
}

async function readOnce(paths: readonly string[], context: SourceContext): Promise<SourceRead> {
  const secrets = new Set<string>()
  const read = await readFiles(paths, { ...context, secrets })
  const { documents, texts, places, problems, fingerprint, imports, recorded } = read
  const merged = merge(documents, problems)
  const memory: Memory = { places, imports }
  const part = problems.length > 0 ? null : { merged, texts, places, secrets, fingerprint, recorded }
  return { part, problems: redacted(problems, secrets), texts, fingerprint, memory }
}

/**
 * Looks at the files, and reads them again once they have changed and then stayed the same from one look to the next: what
 * an editor, a copy or Kubernetes does when it replaces a file differs, and the messages of file systems about it do so too,
 * or never come.
 */
class FollowedFiles implements Followed {
  readonly #paths: readonly string[]
  readonly #context: SourceContext
  readonly #sink: SourceSink
  readonly #again: AgainLater
  #places: ReadonlySet<string>
  // What the files were when they were read last, and how they were at the last look.
  #known: string | null = null
  #seen: string | null = null
  #told: SourceRead | null
  /** The files that said something when they could be read last. */
  #full: ReadonlySet<string>
  #dueAt = Number.POSITIVE_INFINITY
  #cancel = (): void => {}
  #closed = false

  constructor(
    paths: readonly string[],
    context: SourceContext,
    first: SourceRead | null,
    sink: SourceSink,
    isManual: boolean
  ) {
    this.#paths = paths
    this.#context = context
    this.#sink = sink
    this.#told = first
    this.#full = first === null ? new Set() : fullFiles(first)
    this.#again = new AgainLater(context.chance)
    this.#places = new Set(paths.map((path) => resolve(context.cwd, path)))
    if (!isManual) this.#cancel = context.timers.after(0, () => void this.#next())
  }

  async refresh(): Promise<void> {
    const read = this.#withoutEmptied(await readOnce(this.#paths, this.#context))
    if (!this.#closed) this.#took(read, true)
  }

  close(): void {
    this.#closed = true
    this.#cancel()
  }

  async #next(): Promise<void> {
    const { timers, intervalMs } = this.#context
    await this.#look()
    if (!this.#closed) this.#cancel = timers.after(intervalMs, () => void this.#next())
  }

  async #look(): Promise<void> {
    const { clock } = this.#context
    const state = await stateOf(this.#places)
    const isSettled = state === this.#seen
    this.#seen = state
    const isDue = clock() >= this.#dueAt
    if (!isSettled || (state === this.#known && !isDue)) {
      if (state === this.#known && this.#told?.part != null) this.#sink.well()
      return
    }
    const read = this.#withoutEmptied(await readOnce(this.#paths, this.#context))
    // What was written while it was read is read once that has settled.
    if (this.#closed || (await stateOf(this.#places)) !== state) return
    if (state !== this.#known) this.#again.reset()
    this.#known = state
    const { places } = read.memory as Memory
    if ([...places].some((place) => !this.#places.has(place))) {
      this.#places = new Set([...this.#places, ...places])
      this.#known = this.#seen = await stateOf(this.#places)
    }
    if (this.#closed) return
    this.#dueAt = read.part === null ? clock() + this.#again.nextMs() : Number.POSITIVE_INFINITY
    this.#took(read, false)
  }

  // A full disk, and whoever writes in two steps, leave an empty file behind: it would take all routes away.
  #withoutEmptied(read: SourceRead): SourceRead {
    const emptied = read.texts.filter(({ file, text }) => text.trim() === '' && this.#full.has(file))
    if (read.part === null || emptied.length === 0) return read
    const problems = emptied.map((text) => ({
      path: '',
      message: `${text.file} is empty, and was not before: {} stands for an empty configuration`
    }))
    return { ...read, part: null, problems }
  }

  #took(read: SourceRead, isAsked: boolean): void {
    const before = this.#told
    this.#told = read
    if (read.part !== null) this.#full = fullFiles(read)
    if (!isAsked && before !== null && isSame(before, read)) {
      if (read.part !== null) this.#sink.well()
      return
    }
    const isStuck =
      !LOADS_IMPORTS_AGAIN &&
      before !== null &&
      importsOf(before) !== importsOf(read) &&
      importsOf(before) !== null
    if (isStuck) this.#sink.failed(new Error(STUCK))
    else this.#sink.took(read)
  }
}

function fullFiles({ texts }: SourceRead): ReadonlySet<string> {
  return new Set(texts.filter(({ text }) => text.trim() !== '').map((text) => text.file))
}

const importsOf = ({ memory }: SourceRead): string | null => (memory as Memory | null)?.imports ?? null

const STUCK = `a module that the configuration imports has changed: Node ${process.versions.node} keeps it until a restart, 22.15 and newer load it again`

/** Whether two readings say the same. */
function isSame(a: SourceRead, b: SourceRead): boolean {
  const messages = ({ problems }: SourceRead): string => problems.map(({ message }) => message).join('\n')
  return a.fingerprint === b.fingerprint && messages(a) === messages(b)
}

async function stateOf(places: Iterable<string>): Promise<string> {
  const states = await Promise.all([...places].map(stateOfPlace))
  return states.join('\n')
}

// By what the links lead to: its file, its size and when it was written.
async function stateOfPlace(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs, dev } = await stat(path, { bigint: true })
    const names = await readdir(path).catch(() => [])
    return [path, dev, ino, size, mtimeNs, ctimeNs, ...names.sort()].join(' ')
  } catch (error) {
    return `${path} ${(error as NodeJS.ErrnoException).code}`
  }
}
