import { type LoadedConfig, withPositions } from '@gatewright/config'
import { createGateway, type GatewayBuilder, type GatewayServerConfig } from '@gatewright/gateway'
import { withoutLint } from './lint-changes.js'

/**
 * Checks a configuration as a start would, key by key and the parts against each other, and listens nowhere. Access logs
 * are not opened. Rejects with all problems.
 */
export async function validate(loaded: LoadedConfig): Promise<void> {
  const gateway = withoutLint(createGateway({ logger: false, accessLog: false }))
  await gateway.ready()
  try {
    await gateway.apply(withoutFiles(loaded.config), { dryRun: true, onRestartKeys: 'keep' })
  } catch (error) {
    throw withPositions(error, loaded)
  } finally {
    await gateway.close()
  }
}

/** A gateway that is ready and listens nowhere, to be asked about its routes. Rejects with all problems. */
export async function standingGateway(loaded: LoadedConfig): Promise<GatewayBuilder> {
  const gateway = withoutLint(createGateway({ ...withoutFiles(loaded.config), logger: false }))
  try {
    await gateway.ready()
    return gateway
  } catch (error) {
    await gateway.close()
    throw withPositions(error, loaded)
  }
}

/** Where it is checked need not be where it will run: the folder of a log may be missing there. */
export function withoutFiles(config: GatewayServerConfig): GatewayServerConfig {
  const { accessLog } = config
  if (typeof accessLog !== 'object' || accessLog === null) return config
  const { destination, ...others } = accessLog
  return typeof destination === 'string' ? { ...config, accessLog: others } : config
}
