import type { GatewayServerConfig } from '@gatewright/gateway'
import { merge } from './merge.js'
import { ConfigFileError } from './problems.js'
import { readFiles } from './read-files.js'
import { redacted } from './redacted.js'
import type { Position, SourceText } from './source-text.js'

/** What files are read with. */
export interface LoadOptions {
  /** What `${NAME}` stands for. Default: the process's environment. */
  readonly env?: NodeJS.ProcessEnv
  /** What relative paths belong to. Default: the process's folder. */
  readonly cwd?: string
}

/** A configuration that was read from files. It is not checked: that is done by the gateway that gets it. */
export interface LoadedConfig {
  readonly config: GatewayServerConfig
  /** The files, as they are shown. */
  readonly files: readonly string[]
  /** Files and folders that it depends on, absolute. */
  readonly places: ReadonlySet<string>
  readonly texts: readonly SourceText[]
  /** Where a value stands: `routes[0].pool`. As much of the path as there is. */
  locate(path: string): Position | undefined
  /** A text or configuration with secrets of `${file:…}` and of variables whose name says so as `***`. */
  redacted<T>(value: T): T
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
  { env = process.env, cwd = process.cwd() }: LoadOptions = {}
): Promise<LoadedConfig> {
  const secrets = new Set<string>()
  const { documents, texts, places, problems } = await readFiles([paths].flat(), { env, cwd, secrets })
  const { value, locate } = merge(documents, problems)
  if (problems.length > 0) throw Object.assign(new ConfigFileError(problems, texts), { places })
  return {
    config: value as GatewayServerConfig,
    files: texts.map(({ file }) => file),
    places,
    texts,
    locate,
    redacted: (shown) => redacted(shown, secrets)
  }
}
