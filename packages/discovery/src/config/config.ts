// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.
import type { Duration } from '@gatewright/core'
import type { DiscoverySource } from './callbacks.js'

declare module '@gatewright/core' {
  interface PoolConfig<B extends string = never> {
    /** Where the endpoints come from: DNS, a file, or code. Default: from `endpoints` alone. */
    discovery?: DiscoveryConfig
  }
}

/** Where the endpoints come from: DNS, a file, or code. Default: from `endpoints` alone. */
export type DiscoveryConfig = DnsDiscoveryConfig | FileDiscoveryConfig | SourceDiscoveryConfig

/** Endpoints from DNS. */
export interface DnsDiscoveryConfig {
  /** The name to look up. */
  dns: string
  /** 'A' (default) and 'AAAA' need `port`; 'SRV' brings ports and weights. */
  type?: 'A' | 'AAAA' | 'SRV'
  /** Port of each address. A whole number, 1 to 65535. */
  port?: number
  /** Default http. */
  protocol?: 'http' | 'https'
  /** Sent as Host to what is found, and without its port the name for SNI and verification. Default: for addresses the name that was looked up, with the port; for 'SRV' each target's own name and port. */
  authority?: string
  /** The DNS server, such as '10.0.0.2:53'. Default: the system's. */
  server?: string
  /** Shortest time between two look-ups, whatever the TTL says. Default 5s. 10ms to 596h. */
  minRefresh?: Duration
  /** Longest time between two look-ups, whatever the TTL says. Default 5m. 10ms to 596h. */
  maxRefresh?: Duration
}

/** Endpoints from a file. */
export interface FileDiscoveryConfig {
  /** A JSON file with a list of URLs or of { url, weight, authority }; read again within a second of a change, links on the way to it included, and every minute. */
  file: string
}

/** Endpoints from code of your own. */
export interface SourceDiscoveryConfig {
  /** A function that returns an async iterable of endpoint lists. Code only. */
  source: DiscoverySource
}
