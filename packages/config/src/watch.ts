import { toldError } from '@gatewright/core'
import { contextOf, errorOf, type LoadedConfig, type LoadOptions, loadedFrom } from './load.js'
import type { ConfigSource, Followed, SourceContext, SourcePart, SourceRead } from './source.js'
import { type ConfigPlaces, sourcesOf } from './sources-of.js'

/** How a configuration is watched. */
export interface WatchOptions extends LoadOptions {
  /** What was read before: what has changed since then is a change too. */
  readonly from?: LoadedConfig
  /**
   * Something has changed, and could be read. While what it returns is a promise, no other change is given. If it throws, or
   * the promise rejects, the change counts as refused: that is given to `onError`, and a source that changes next is tried
   * beside what the others said before, too.
   */
  onChange(loaded: LoadedConfig): unknown
  /**
   * A source cannot be read, or a change was refused: what went before still holds. Called once for each such change. What it
   * throws itself, or rejects with, is a warning of the process, `GW_CONFIG_WATCH`.
   */
  onError(error: Error): unknown
  /** How often files are looked at, in milliseconds. Default 250. */
  readonly intervalMs?: number
  /** Whether sources are read by `refresh()` alone. Default false. Streams come by themselves all the same. */
  readonly manual?: boolean
}

/** How a source is. */
export interface SourceStatus {
  readonly name: string
  /** For how long it has not been well: it cannot be read, or what it says was refused. 0 when it is well. */
  readonly staleSeconds: number
  /** Why; `null` when it is well. */
  readonly error: string | null
}

/** A configuration that is watched. */
export interface ConfigWatcher {
  readonly sources: readonly SourceStatus[]
  /** Reads all sources at once, and gives what they say to `onChange`, whether it has changed or not. Never rejects. */
  refresh(): Promise<void>
  close(): void
}

/**
 * Follows a configuration: files and folders by looking at them, URLs by asking for them, streams as they come. Each source
 * keeps the last part that could be read while it cannot be, and is tried for ever. It keeps no process alive, and nothing
 * ends it but `close()`.
 *
 * @example
 * watchConfig(['gateway.yaml', http('https://config.example.com/routes.yaml')], {
 *   from: loaded,
 *   onChange: (next) => gateway.apply(next.config, { onRestartKeys: 'keep' }),
 *   onError: (error) => gateway.app.log.error(error)
 * })
 */
export function watchConfig(places: ConfigPlaces, options: WatchOptions): ConfigWatcher {
  return new Watcher(sourcesOf(places), contextOf(options), options)
}

/** What is known of a source. */
interface Watched {
  readonly source: ConfigSource
  followed: Followed | null
  read: SourceRead | null
  /** What it said last that could be read, and of that what was taken. */
  good: SourcePart | null
  taken: SourcePart | null
  wellAt: number
  error: string | null
}

class Watcher implements ConfigWatcher {
  readonly #watched: readonly Watched[]
  readonly #context: SourceContext
  readonly #options: WatchOptions
  readonly #changed = new Set<Watched>()
  #isGiving = false
  #refreshing: Promise<void> | null = null
  #isRefreshing = false
  #isAskedAgain = false
  #isAsked = false
  #closed = false

  constructor(sources: readonly ConfigSource[], context: SourceContext, options: WatchOptions) {
    this.#context = context
    this.#options = options
    const { reads = [] } = options.from ?? {}
    const before = reads.length === sources.length ? reads : []
    this.#watched = sources.map((source, index) => {
      const read = before[index] ?? null
      const good = read?.part ?? null
      return { source, followed: null, read, good, taken: good, wellAt: context.clock(), error: null }
    })
    for (const one of this.#watched)
      one.followed = one.source.follow(
        context,
        one.read,
        {
          took: (read) => this.#took(one, read),
          well: () => this.#well(one),
          failed: (error) => this.#failed(error)
        },
        options.manual ?? false
      )
  }

  get sources(): readonly SourceStatus[] {
    const now = this.#context.clock()
    return this.#watched.map(({ source: { name }, wellAt, error }) => {
      return { name, error, staleSeconds: error === null ? 0 : Math.max(0, now - wellAt) / 1_000 }
    })
  }

  // However often it is asked for meanwhile, it is done once more.
  async refresh(): Promise<void> {
    const running = this.#refreshing
    if (running === null) {
      const refreshing = this.#refresh().finally(() => {
        if (this.#refreshing === refreshing) this.#refreshing = null
      })
      this.#refreshing = refreshing
      return await refreshing
    }
    this.#isAskedAgain = true
    await running
  }

  async #refresh(): Promise<void> {
    do {
      this.#isAskedAgain = false
      this.#isRefreshing = true
      await Promise.all(this.#watched.map(({ followed }) => followed?.refresh()))
      this.#isRefreshing = false
      await this.#give(true)
    } while (this.#isAskedAgain && !this.#closed)
  }

  close(): void {
    this.#closed = true
    for (const { followed } of this.#watched) followed?.close()
  }

  #well(one: Watched): void {
    if (one.error === null) one.wellAt = this.#context.clock()
  }

  #took(one: Watched, read: SourceRead): void {
    if (this.#closed) return
    const isBeginning = one.read === null && this.#options.from === undefined
    one.read = read
    if (read.part === null) {
      const error = errorOf([read])
      one.error = error.message
      this.#failed(error)
      return
    }
    const isChanged = !isSame(read.part, one.good)
    one.good = read.part
    if (isBeginning) one.taken = one.good
    if (isSame(one.good, one.taken)) this.#isWell(one)
    if (isBeginning && !this.#isRefreshing) return
    if (isChanged) this.#changed.add(one)
    if (!this.#isRefreshing) void this.#give(true)
  }

  #isWell(one: Watched): void {
    one.error = null
    one.wellAt = this.#context.clock()
  }

  // One after another; what changes meanwhile is given together.
  async #give(isAsked: boolean): Promise<void> {
    this.#isAsked ||= isAsked
    if (this.#isGiving) return
    this.#isGiving = true
    while ((this.#changed.size > 0 || this.#isAsked) && !this.#closed) {
      this.#isAsked = false
      const changed = new Set(this.#changed)
      this.#changed.clear()
      await this.#giveTogether(changed)
    }
    this.#isGiving = false
  }

  async #giveTogether(changed: ReadonlySet<Watched>): Promise<void> {
    if (await this.#offered((one) => one.good)) return
    // What was refused before may be at fault, and not what has changed.
    const isOthers = this.#watched.some((one) => !changed.has(one) && !isSame(one.good, one.taken))
    if (isOthers) await this.#offered((one) => (changed.has(one) ? one.good : one.taken))
  }

  async #offered(partOf: (one: Watched) => SourcePart | null): Promise<boolean> {
    const chosen = this.#watched.map((one) => ({ one, part: partOf(one) }))
    const parts = chosen.flatMap(({ part }) => part ?? [])
    // One of them has never been read yet.
    if (parts.length < chosen.length) return true
    const names = this.#watched.map(({ source }) => source.name)
    const moved = chosen.filter(({ one, part }) => !isSame(part, one.taken))
    const reads = this.#watched.flatMap(({ read }) => read ?? [])
    const loaded = loadedFrom(
      parts,
      reads,
      names,
      moved.map(({ one }) => one.source.name)
    )
    try {
      await this.#options.onChange(loaded)
    } catch (error) {
      for (const { one } of moved) one.error = toldMessage(error)
      this.#failed(error)
      return false
    }
    for (const { one, part } of chosen) {
      one.taken = part
      if (one.good === part && one.read?.part === part) this.#isWell(one)
    }
    return true
  }

  #failed(error: unknown): void {
    if (this.#closed) return
    const given = error instanceof Error ? error : new Error(toldError(error))
    // An async function, for what is thrown at once too.
    const told = async (): Promise<unknown> => await this.#options.onError(given)
    told().catch((thrown) =>
      process.emitWarning(`onError of watchConfig: ${toldError(thrown)}`, { code: 'GW_CONFIG_WATCH' })
    )
  }
}

function isSame(a: SourcePart | null, b: SourcePart | null): boolean {
  return a?.fingerprint === b?.fingerprint
}

function toldMessage(error: unknown): string {
  return error instanceof Error ? error.message : toldError(error)
}
