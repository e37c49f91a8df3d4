import type { IncomingMessage } from 'node:http'
import type { GatewayConfig } from '../config/config.js'
import type { GatewayError } from './gateway-error.js'
import type { Ingress } from './ingress-facts.js'
import type { IngressSettings } from './ingress-settings.js'

/** A reader of request headers for fixed settings. It throws a {@link GatewayError} for a request to refuse. */
export type IngressReader = (raw: IncomingMessage, authority: string) => Ingress

/** How one configuration reads requests, and what it sends in their place. */
export interface IngressPlan {
  readonly settings: IngressSettings
  readonly read: IngressReader
  /** The name of the gateway in `Via`; `''` for none. */
  readonly via: string
  /** Which forwarding headers upstreams get. */
  readonly forwarded: NonNullable<GatewayConfig['forwarded']>
  /** Whether answers of the gateway's own tell their reason in `x-gw-reason`. */
  readonly reasonHeader: boolean
  /** What it was made from. */
  readonly given: unknown
}
