import type { TestContext } from 'node:test'
import type { Snapshot } from '@gatewright/core'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { startGateway } from './start-gateway.js'

/** A gateway whose configuration a test changes. */
export interface Reloading {
  readonly url: string
  readonly gateway: Awaited<ReturnType<typeof startGateway>>['gateway']
  /** Runs on what the first configuration says, with these keys in place of its own. */
  change(keys: GatewayServerConfig): Promise<Snapshot>
}

/** Starts a gateway to be changed; see {@link startGateway}. */
export async function reloading(
  t: TestContext,
  config: GatewayServerConfig,
  prepare?: Parameters<typeof startGateway>[4]
): Promise<Reloading> {
  const { gateway, url } = await startGateway(t, config, {}, {}, prepare)
  const first = gateway.app.gateway.config
  return {
    url,
    gateway,
    async change(keys) {
      await gateway.app.gateway.apply({ ...first, ...keys } as GatewayServerConfig)
      return gateway.app.gateway.snapshot
    }
  }
}
