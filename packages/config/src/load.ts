import { type Chance, type Clock, monotonic, processTimers, type Timers } from '@gatewright/core'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { layered } from './layered.js'
import { ConfigFileError } from './problems.js'
import type { ReadRecord } from './read-record.js'
import { redacted, redactedError } from './redacted.js'
import type { SourceContext, SourcePart, SourceRead } from './source.js'
import type { Position, SourceText } from './source-text.js'
import { type ConfigPlaces, sourcesOf } from './sources-of.js'
import { DEADLINE_MS } from './within.js'

/** What a configuration is read with. */
export interface LoadOptions {
  /** What `${NAME}` stands for. Default: the process's environment. */
  readonly env?: NodeJS.ProcessEnv
  /** What relative paths belong to. Default: the process's folder. */
  readonly cwd?: string
  /** What `${function:NAME}` stands for in YAML and JSON: functions, instances and other values of code, by their names. */
  readonly functions?: Readonly<Record<string, unknown>>
  /** How long a file may take to be read, and a module to load, in milliseconds. Default 10,000. */
  readonly deadlineMs?: number
  /**
   * What an earlier call has read (`record`): the same configuration, whatever the files and servers say by then. Modules are
   * loaded from their files, and refused when those have changed.
   */
  readonly replay?: ReadRecord
  /** Where times, chance and timers come from. Default: the process's own. */
  readonly clock?: Clock
  readonly chance?: Chance
  readonly timers?: Timers
}

/** A configuration that was read. It is not checked: that is done by the gateway that gets it. */
export interface LoadedConfig {
  readonly config: GatewayServerConfig
  /** The files and URLs, as they are shown. */
  readonly files: readonly string[]
  /** The names of the sources. */
  readonly sources: readonly string[]
  /** The names of those sources that have changed since the configuration before; all where there was none. */
  readonly changed: readonly string[]
  /** Files and folders that it depends on, absolute. */
  readonly places: ReadonlySet<string>
  readonly texts: readonly SourceText[]
  /** A name of all that was read: files, what `${file:…}` names, and what modules import. */
  readonly fingerprint: string
  /** All that was read, for `replay`, in another process too. Danger: it has secrets. */
  readonly record: ReadRecord
  /** What each of the sources said: for {@link watchConfig} to go on from. */
  readonly reads: readonly SourceRead[]
  /** Where a value stands: `routes[0].pool`. As much of the path as there is. */
  locate(path: string): Position | undefined
  /** A text or configuration with secrets of `${file:…}` and of variables whose name says so as `***`. */
  redacted<T>(value: T): T
  /** An error with the secrets in its message, stack and causes as `***`: the error itself, changed. */
  redactedError(error: unknown): unknown
}

/**
 * Reads a configuration from files, folders and URLs: YAML, JSON, and modules. Rejects with a {@link ConfigFileError} that
 * lists everything that cannot be read, with its line.
 *
 * @example
 * const { config } = await loadConfig('gateway.yaml')
 * await createGateway(config).listen()
 */
export async function loadConfig(places: ConfigPlaces, options: LoadOptions = {}): Promise<LoadedConfig> {
  const sources = sourcesOf(places)
  const context = contextOf(options)
  const reads = await Promise.all(sources.map((source) => source.read(context)))
  const parts = reads.flatMap(({ part }) => part ?? [])
  if (parts.length < reads.length) throw errorOf(reads)
  const names = sources.map(({ name }) => name)
  const loaded = loadedFrom(parts, reads, names, names)
  const { replay } = options
  if (replay !== undefined && !replay.isPartial && replay.fingerprint !== loaded.fingerprint)
    throw new ConfigFileError(
      [{ path: '', message: 'a module has changed since the configuration was read' }],
      []
    )
  return loaded
}

/** What sources are read with, by the options. */
export function contextOf({
  env = process.env,
  cwd = process.cwd(),
  functions = {},
  deadlineMs = DEADLINE_MS,
  clock = monotonic,
  chance = Math.random,
  timers = processTimers,
  replay,
  intervalMs = 250
}: LoadOptions & { readonly intervalMs?: number }): SourceContext {
  const named = new Map(Object.entries(functions))
  return { env, cwd, functions: named, deadlineMs, intervalMs, clock, chance, timers, replay: replay ?? null }
}

/** What is wrong with what was read. */
export function errorOf(reads: readonly SourceRead[]): ConfigFileError {
  return new ConfigFileError(
    reads.flatMap(({ problems }) => problems),
    reads.flatMap(({ texts }) => texts)
  )
}

/** The configuration that the parts make. */
export function loadedFrom(
  parts: readonly SourcePart[],
  reads: readonly SourceRead[],
  sources: readonly string[],
  changed: readonly string[]
): LoadedConfig {
  const { value, locate } = layered(parts.map(({ merged }) => merged))
  const texts = parts.flatMap((part) => part.texts)
  const fingerprint = parts.map((part) => part.fingerprint).join('-')
  const secrets = new Set(parts.flatMap((part) => [...part.secrets]))
  return {
    config: value as GatewayServerConfig,
    files: texts.map((text) => text.file),
    sources,
    changed,
    places: new Set(parts.flatMap((part) => [...part.places])),
    texts,
    fingerprint,
    record: { fingerprint, places: Object.assign({}, ...parts.map(({ recorded }) => recorded)) },
    reads,
    locate,
    redacted: (shown) => redacted(shown, secrets),
    redactedError: (error) => redactedError(error, secrets)
  }
}
