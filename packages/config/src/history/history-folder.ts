import { chmod, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { InvalidValueError } from '@gatewright/core'
import { type LoadedConfig, type LoadOptions, loadConfig } from '../load.js'
import { replaceFile } from '../replace-file.js'
import { clearSecrets } from './clear-secrets.js'
import {
  contentOf,
  idOf,
  type KeptVersion,
  type Restored,
  type VersionContent,
  type VersionOrigin
} from './kept-version.js'
import { restore } from './restore.js'
import { appendVersion, LIST, parseVersions } from './version-list.js'

/** How many versions are kept. */
const KEPT = 100
const INTENT = 'intent.json'

/** How a history is kept. */
export interface HistoryOptions extends Pick<LoadOptions, 'cwd' | 'env'> {
  /** How many versions are kept, from 1; older ones are removed. Default 100. */
  readonly most?: number
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/**
 * Opens a history of configurations in a folder, which is made where there is none. It is for one gateway. Rejects with the
 * system's error when it cannot be written.
 *
 * @example
 * const history = await openHistory('/var/lib/gatewright')
 * await history.add(loaded, ['gateway.yaml'], { source: 'gateway.yaml' })
 * for (const { revision, at, reason } of await history.versions()) console.log(revision, at, reason)
 */
export async function openHistory(folder: string, options: HistoryOptions = {}): Promise<HistoryFolder> {
  const { cwd = process.cwd(), most = KEPT } = options
  if (!Number.isInteger(most) || most < 1) throw new InvalidValueError('most', 'a whole number from 1')
  const path = resolve(cwd, folder)
  await mkdir(path, { recursive: true, mode: 0o700 })
  await chmod(path, 0o700)
  return new HistoryFolder(path, options)
}

/**
 * The configurations that a gateway has run, in a folder: a list, to which a line is appended for each, and a file for each
 * content. Contents are files as they were written, with their references: no secret that a reference stands for is in it, and a
 * content with a secret in clear is not kept.
 */
export class HistoryFolder {
  readonly #path: string
  readonly #options: HistoryOptions
  #adding: Promise<unknown> = Promise.resolve()

  /** Use {@link openHistory}. */
  constructor(path: string, options: HistoryOptions) {
    this.#path = path
    this.#options = options
  }

  /** The versions, oldest first. A line of the list that is broken is left out. */
  async versions(): Promise<readonly KeptVersion[]> {
    const text = await readFile(join(this.#path, LIST), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw error
    })
    return parseVersions(text)
  }

  /** Adds a configuration that runs from now on, read from `places`. Gives its entry. Rejects with the system's error. */
  add(loaded: LoadedConfig, places: readonly string[], origin: VersionOrigin = {}): Promise<KeptVersion> {
    const added = this.#adding.then(() => this.#add(loaded, places, origin, false))
    this.#adding = added.catch(() => {})
    return added
  }

  /** As {@link add}, for the configuration of a start: where the last one says the same, it is that. */
  begin(loaded: LoadedConfig, places: readonly string[], origin: VersionOrigin = {}): Promise<KeptVersion> {
    const added = this.#adding.then(() => this.#add(loaded, places, origin, true))
    this.#adding = added.catch(() => {})
    return added
  }

  /** What the files of a version said. Rejects where there is no such version, or its content is not kept. */
  async content(revision: number): Promise<VersionContent> {
    const versions = await this.versions()
    const version = versions.find((one) => one.revision === revision)
    if (version === undefined) {
      const known = versions.map((one) => one.revision).join(', ')
      throw new InvalidValueError('the version', `one of the history: ${known || 'it is empty'}`)
    }
    if (version.id === null)
      throw new InvalidValueError('the version', `one whose content is kept: ${version.missing ?? 'unknown'}`)
    const content = JSON.parse(await readFile(this.#fileOf(version.id), 'utf8')) as VersionContent
    if (idOf(content) === version.id) return content
    throw new InvalidValueError(
      'the version',
      `as it was written: ${this.#fileOf(version.id)} has been changed`
    )
  }

  /** Reads a version as it was; what its references stand for is read as it is. */
  async load(revision: number): Promise<LoadedConfig> {
    const { roots, files, folders } = await this.content(revision)
    const texts = Object.entries(files).map(([path, text]) => [path, { text }] as const)
    const names = Object.entries(folders).map(([path, all]) => [path, { names: all }] as const)
    const places = Object.fromEntries([...texts, ...names])
    const { cwd, env } = this.#options
    return await loadConfig([...roots], {
      ...(cwd === undefined ? {} : { cwd }),
      ...(env === undefined ? {} : { env }),
      replay: { fingerprint: '', places, isPartial: true }
    })
  }

  /**
   * Writes the files of a version as they were, each in one step. Files that have come into their folders since then are removed
   * with `remove`; without it they are a problem, and nothing is written. The next version of this content gets the author and reason.
   */
  async restore(
    revision: number,
    { remove = false, ...origin }: VersionOrigin & { readonly remove?: boolean } = {}
  ): Promise<Restored> {
    const content = await this.content(revision)
    const intent = JSON.stringify({ id: idOf(content), ...origin })
    return await restore(content, remove, () => replaceFile(join(this.#path, INTENT), intent))
  }

  async #add(
    loaded: LoadedConfig,
    places: readonly string[],
    origin: VersionOrigin,
    isStart: boolean
  ): Promise<KeptVersion> {
    const { cwd = process.cwd(), now = Date.now, most = KEPT } = this.#options
    const versions = await this.versions()
    const last = versions.at(-1)
    const content = withoutSecrets(contentOf(loaded, places, cwd), loaded)
    const id = 'missing' in content ? null : idOf(content)
    if (isStart && last !== undefined && id !== null && last.id === id) return last
    if (id !== null) await this.#write(id, JSON.stringify(content))
    const meant = await this.#intended(id)
    const version: KeptVersion = {
      revision: (last?.revision ?? 0) + 1,
      parent: last?.revision ?? null,
      id,
      missing: 'missing' in content ? content.missing : null,
      at: new Date(now()).toISOString(),
      author: meant.author ?? origin.author ?? null,
      reason: meant.reason ?? origin.reason ?? null,
      source: origin.source ?? null
    }
    const kept = await appendVersion(this.#path, versions, version, most)
    await this.#removeOthers(kept)
    return version
  }

  async #write(id: string, text: string): Promise<void> {
    const names = await readdir(this.#path)
    if (!names.includes(`${id}.json`)) await replaceFile(this.#fileOf(id), text)
  }

  // What `restore` was told of this content.
  async #intended(id: string | null): Promise<VersionOrigin> {
    const path = join(this.#path, INTENT)
    try {
      const meant = JSON.parse(await readFile(path, 'utf8')) as VersionOrigin & { readonly id?: unknown }
      if (meant.id !== id) return {}
      await rm(path, { force: true })
      return meant
    } catch {
      return {}
    }
  }

  async #removeOthers(kept: readonly KeptVersion[]): Promise<void> {
    const used = new Set(kept.map(({ id }) => `${id}.json`))
    for (const name of await readdir(this.#path))
      if (/^[\da-f]{16}\.json$/.test(name) && !used.has(name))
        await rm(join(this.#path, name), { force: true })
  }

  #fileOf(id: string): string {
    return join(this.#path, `${id}.json`)
  }
}

function withoutSecrets(
  content: VersionContent | { readonly missing: string },
  { config }: LoadedConfig
): VersionContent | { readonly missing: string } {
  if ('missing' in content) return content
  const [first, ...others] = clearSecrets(config, Object.values(content.files))
  if (first === undefined) return content
  const more = others.length === 0 ? '' : ` and ${others.length} more`
  return { missing: `a secret stands in it in clear (${first}${more}); \${NAME} or \${file:…} keeps it out` }
}
