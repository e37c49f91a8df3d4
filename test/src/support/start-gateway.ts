import type { TestContext } from 'node:test'
import {
  createGateway,
  type GatewayBuilder,
  type GatewaySeams,
  type GatewayServerConfig
} from '@gatewright/gateway'

/** A gateway that listens; made by {@link startGateway}. */
export interface StartedGateway {
  readonly gateway: GatewayBuilder
  /** `http://127.0.0.1:41234`. */
  readonly url: string
  readonly port: number
}

/**
 * A gateway on a free loopback port, without logs and signals, cut off when the test ends. Given a URL instead of
 * a configuration, or beside one, everything goes there. `prepare` registers plugins.
 */
export async function startGateway(
  t: TestContext,
  to: string | GatewayServerConfig,
  more: GatewayServerConfig = {},
  seams: GatewaySeams = {},
  prepare: (gateway: GatewayBuilder) => unknown = () => {}
): Promise<StartedGateway> {
  const config = {
    logger: false,
    accessLog: false,
    shutdown: { signals: false, wait: '0ms', drain: '0ms' },
    ...(typeof to === 'string'
      ? { pools: { upstream: { endpoints: [to] } }, routes: [{ path: '/*', pool: 'upstream' }] }
      : to),
    ...more
  } as GatewayServerConfig
  const gateway = createGateway(config, seams) as GatewayBuilder
  prepare(gateway)
  t.after(() => gateway.close())
  const url = await gateway.listen({ port: 0, host: '127.0.0.1' })
  return { gateway, url, port: Number(new URL(url).port) }
}
