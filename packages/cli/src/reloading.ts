import { ConfigFileError, type LoadedConfig, withPositions } from '@gatewright/config'
import type { GatewayBuilder } from '@gatewright/gateway'
import { type Overrides, overridden } from './overrides.js'

/** How a reload went: what is shown of it. */
export interface ReloadEvents {
  applied(revision: number, needsRestart: readonly string[]): void
  /** The gateway goes on as it was. */
  refused(problems: string): void
}

/** Applies a configuration that was read to the gateway that runs. Never rejects. */
export async function applyLoaded(
  gateway: GatewayBuilder,
  loaded: LoadedConfig,
  overrides: Overrides,
  events: ReloadEvents
): Promise<void> {
  try {
    const config = overridden(loaded.config, overrides)
    const { revision, needsRestart } = await gateway.apply(config, {
      onRestartKeys: 'keep',
      source: loaded.files.join(', ')
    })
    events.applied(revision, needsRestart)
  } catch (error) {
    events.refused(problemsOf(withPositions(error, loaded)))
  }
}

/** What is wrong with a configuration, with files and lines where they are known. */
export function problemsOf(error: unknown): string {
  if (error instanceof ConfigFileError || error instanceof Error) return error.message
  return String(error)
}
