import type { TestContext } from 'node:test'
import { createApiKey } from '@gatewright/gateway'
import { gatewayKit } from '@gatewright/testing'
import { buildGateway, type GatewayOptions } from '../src/gateway.js'

/** The endpoints of both services. */
export const ORDERS = ['http://orders-a.test', 'http://orders-b.test'] as const
export const CATALOG = ['http://catalog-a.test', 'http://catalog-b.test'] as const

/** A key of each consumer, and what the gateway knows of it. */
export const acme = createApiKey()
export const demo = createApiKey()
export const keys = [
  { hash: acme.hash, consumer: 'acme' },
  { hash: demo.hash, consumer: 'demo' }
]

/** A request with options; the key of acme unless `key` says another or `null`. */
interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly key?: string | null
}

/** The gateway in virtual time, in front of services that follow a script: nothing here waits. */
export function virtual(t: TestContext, options: Partial<GatewayOptions> = {}) {
  const kit = gatewayKit()
  // Probes are real connections: in these tests none is due.
  const fixed = { orders: ORDERS, catalog: CATALOG, keys, quiet: true, probeEvery: '1h' } as const
  const gateway = buildGateway({ ...fixed, ...options }, kit.seams)
  t.after(() => gateway.close())
  return {
    kit,
    gateway,
    ask: (path: string, { key = acme.key, headers = {}, ...more }: Asked = {}) =>
      kit.request(gateway, path, {
        ...more,
        headers: { ...(key === null ? {} : { 'x-api-key': key }), ...headers }
      }),
    /** What the endpoints of a service have received. */
    seenBy: (urls: readonly string[]) => urls.flatMap((url) => kit.upstream(url).seen)
  }
}
