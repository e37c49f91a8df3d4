/**
 * A gateway in a process of its own, which the parent ends with signals: `fork` it with a configuration as JSON in
 * `GATEWAY_CONFIG`, the port in `GATEWAY_PORT`, and the address in
 * `GATEWAY_HOST`; with `CLOSE_FAILS`, a hook of its end does. It tells its parent where it listens, or
 * why it does not.
 */
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'

/** What the process tells its parent. */
export type Told =
  | { readonly url: string; readonly probePort: number | null }
  | { readonly failed: string | undefined }

const { GATEWAY_CONFIG = '{}', GATEWAY_PORT = '0', GATEWAY_HOST = '127.0.0.1', CLOSE_FAILS } = process.env

if (process.send !== undefined) {
  const tell = (told: Told): unknown => process.send?.(told)
  const gateway = createGateway(JSON.parse(GATEWAY_CONFIG) as GatewayServerConfig)
  if (CLOSE_FAILS !== undefined)
    gateway.app.addHook('onClose', () => Promise.reject(new Error('the end failed')))
  gateway.listen({ port: Number(GATEWAY_PORT), host: GATEWAY_HOST }).then(
    (url) => tell({ url, probePort: gateway.probePort }),
    (error: { readonly code?: string }) => tell({ failed: error.code })
  )
  // Nothing but the gateway is to keep this process alive.
  process.channel?.unref()
}
