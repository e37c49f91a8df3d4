import type { IncomingMessage } from 'node:http'
import type { GatewayConfig } from '../config/config.js'
import type { GatewayError } from './gateway-error.js'
import type { Ingress } from './ingress-facts.js'
import type { IngressSettings } from './ingress-settings.js'

/** A reader of request headers for fixed settings. It throws a {@link GatewayError} for a request to refuse. */
export type IngressReader = (raw: IncomingMessage, authority: string) => Ingress

/** How one configuration parses requests, and which headers it sends upstream. */
export interface IngressPlan {
  readonly settings: IngressSettings
  readonly read: IngressReader
  /** The name of the gateway in `Via`; `''` for none. */
  readonly via: string
  /** Which forwarding headers upstreams get. */
  readonly forwarded: NonNullable<GatewayConfig['forwarded']>
  /** Whether the gateway's own responses carry their reason in `x-gw-reason`. */
  readonly reasonHeader: boolean
  /** The configuration it was made from. */
  readonly given: unknown
}
