import type { GatewayBuilder } from '@gatewright/gateway'
import { hostOf } from './host.js'
import { limitsOn } from './host-limits.js'

/**
 * Warns in the gateway's log of everything configured that cannot run on this host, one line each. Does nothing where the
 * host is none of those that hold instances still. The gateway is ready. `env`: default that of the process.
 */
export function tellLimits(
  gateway: Pick<GatewayBuilder, 'app' | 'config'>,
  env: Readonly<Record<string, string | undefined>> = process.env
): void {
  const host = hostOf(env)
  if (host === null) return
  for (const { path, effect, instead } of limitsOn(host, gateway.config))
    gateway.app.log.warn({ host, path, instead }, `${path}: ${effect}`)
}
