import type { GatewayServerConfig } from '@gatewright/gateway'
import { merge } from './merge.js'
import { ConfigFileError } from './problems.js'
import { readFiles } from './read-files.js'
import type { ReadRecord } from './read-record.js'
import { redacted, redactedError } from './redacted.js'
import type { Position, SourceText } from './source-text.js'
import { DEADLINE_MS } from './within.js'

/** What files are read with. */
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
   * What an earlier call has read (`record`): the same configuration, whatever the files are by then. Modules are loaded from
   * their files, and refused when those have changed.
   */
  readonly replay?: ReadRecord
}

/** A configuration that was read from files. It is not checked: that is done by the gateway that gets it. */
export interface LoadedConfig {
  readonly config: GatewayServerConfig
  /** The files, as they are shown. */
  readonly files: readonly string[]
  /** Files and folders that it depends on, absolute. */
  readonly places: ReadonlySet<string>
  readonly texts: readonly SourceText[]
  /** A name of all that was read: files, what `${file:…}` names, and what modules import. */
  readonly fingerprint: string
  /** All that was read, for `replay`, in another process too. Danger: it has secrets. */
  readonly record: ReadRecord
  /** Where a value stands: `routes[0].pool`. As much of the path as there is. */
  locate(path: string): Position | undefined
  /** A text or configuration with secrets of `${file:…}` and of variables whose name says so as `***`. */
  redacted<T>(value: T): T
  /** An error with the secrets in its message, stack and causes as `***`: the error itself, changed. */
  redactedError(error: unknown): unknown
}

/** What came of reading: a configuration, or what is wrong. */
export interface Attempt {
  readonly loaded: LoadedConfig | null
  readonly error: ConfigFileError | null
  readonly places: ReadonlySet<string>
  readonly fingerprint: string
  /** Of the modules that modules import. */
  readonly imports: string
}

/**
 * Reads a configuration from files and folders: YAML, JSON, and modules. Rejects with a {@link ConfigFileError} that lists
 * everything that cannot be read, with its line.
 *
 * @example
 * const { config } = await loadConfig('gateway.yaml')
 * await createGateway(config).listen()
 */
export async function loadConfig(
  paths: string | readonly string[],
  options: LoadOptions = {}
): Promise<LoadedConfig> {
  const { loaded, error } = await tryToLoad(paths, options)
  if (loaded === null) throw error
  return loaded
}

/** Reads a configuration from files, and says what it has looked at, whatever came of it. */
export async function tryToLoad(
  paths: string | readonly string[],
  options: LoadOptions = {}
): Promise<Attempt> {
  const { env = process.env, cwd = process.cwd(), functions = {}, deadlineMs = DEADLINE_MS, replay } = options
  const secrets = new Set<string>()
  const context = {
    env,
    cwd,
    deadlineMs,
    secrets,
    functions: new Map(Object.entries(functions)),
    replay: replay ?? null
  }
  const { documents, texts, places, problems, fingerprint, imports, record } = await readFiles(
    [paths].flat(),
    context
  )
  const { value, locate } = merge(documents, problems)
  const read = { places, fingerprint, imports }
  if (problems.length > 0) {
    const shown = problems.map((problem) => ({ ...problem, message: redacted(problem.message, secrets) }))
    return { ...read, loaded: null, error: new ConfigFileError(shown, texts) }
  }
  const loaded = {
    config: value as GatewayServerConfig,
    files: texts.map(({ file }) => file),
    places,
    texts,
    fingerprint,
    record,
    locate,
    redacted: <T>(shown: T) => redacted(shown, secrets),
    redactedError: (error: unknown) => redactedError(error, secrets)
  }
  return { ...read, loaded, error: null }
}
