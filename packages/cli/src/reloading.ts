import { ConfigFileError, type LoadedConfig, withPositions } from '@gatewright/config'
import type { Applied } from '@gatewright/core'
import type { GatewayBuilder } from '@gatewright/gateway'
import { type Overrides, overridden } from './overrides.js'

/** How a reload went: what is shown of it. */
export interface ReloadEvents {
  applied(change: Applied): void
  /** The gateway goes on as it was. */
  refused(problems: string): void
}

/** Applies a configuration that was read to the gateway that runs. Rejects, with files and lines, when it is refused. */
export async function applyLoaded(
  gateway: GatewayBuilder,
  loaded: LoadedConfig,
  overrides: Overrides,
  { applied }: ReloadEvents
): Promise<void> {
  const config = overridden(loaded.config, overrides)
  const { changed, sources } = loaded
  const source = (changed.length > 0 ? changed : sources).join(', ')
  const change = await gateway.apply(config, { onRestartKeys: 'keep', source }).catch((error: unknown) => {
    throw withPositions(error, loaded)
  })
  applied(change)
}

/** What is wrong with a configuration, with files and lines where they are known. */
export function problemsOf(error: unknown): string {
  if (error instanceof ConfigFileError || error instanceof Error) return error.message
  return String(error)
}
