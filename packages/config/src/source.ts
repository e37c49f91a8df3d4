import type { Chance, Clock, Timers } from '@gatewright/core'
import type { Merged } from './merge.js'
import type { FileProblem } from './problems.js'
import type { ReadRecord, RecordedPlace } from './read-record.js'
import type { SourceText } from './source-text.js'

/** What sources are read with. */
export interface SourceContext {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  readonly functions: ReadonlyMap<string, unknown>
  readonly deadlineMs: number
  readonly intervalMs: number
  readonly clock: Clock
  readonly chance: Chance
  readonly timers: Timers
  /** What is read in place of what there is by now; `null` to read that. */
  readonly replay: ReadRecord | null
}

/** What a source said: a part of a configuration, or the whole. */
export interface SourcePart {
  readonly merged: Merged
  readonly texts: readonly SourceText[]
  /** Files and folders that it depends on, absolute. */
  readonly places: ReadonlySet<string>
  /** Values that must not be shown. */
  readonly secrets: ReadonlySet<string>
  /** A name of all that was read. */
  readonly fingerprint: string
  /** All that was read, by the paths of files and the URLs of servers. */
  readonly recorded: Readonly<Record<string, RecordedPlace>>
}

/** What came of reading a source. */
export interface SourceRead {
  /** `null` when something is wrong. */
  readonly part: SourcePart | null
  readonly problems: readonly FileProblem[]
  readonly texts: readonly SourceText[]
  readonly fingerprint: string
  /** What the source itself goes by at its next reading. */
  readonly memory: unknown
}

/** Where a source that is followed reports to. */
export interface SourceSink {
  /** It was read, and what came of it is not what came before. */
  took(read: SourceRead): void
  /** It was looked at, and is well, and as before. */
  well(): void
  /** Something besides has to be told. */
  failed(error: Error): void
}

/** A source that is followed. */
export interface Followed {
  /** Reads it now, and reports what came of it, whether it has changed or not. Never rejects. */
  refresh(): Promise<void>
  close(): void
}

/**
 * Where a part of a configuration comes from. `file`, `http` and `stream` make sources: their members are for `loadConfig` and
 * `watchConfig`.
 */
export interface ConfigSource {
  /** A path, a URL without its secrets, or what it was called. In problems, the history and metrics. */
  readonly name: string
  /** Reads it once. Never rejects. */
  read(context: SourceContext): Promise<SourceRead>
  /** Looks for changes until it is closed, by itself unless it is only refreshed. `first` is what was read before. */
  follow(context: SourceContext, first: SourceRead | null, sink: SourceSink, isManual: boolean): Followed
}
