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
  /** The DNS name to look up. */
  dns: string
  /** Record type: 'A' (default) and 'AAAA' need `port`; 'SRV' records contain ports and weights. */
  type?: 'A' | 'AAAA' | 'SRV'
  /** Port of each address. A whole number, 1 to 65535. */
  port?: number
  /** Default http. */
  protocol?: 'http' | 'https'
  /** The authority of the discovered endpoints: sent as Host and, without its port, used as the name for SNI and certificate verification. Default: for 'A' and 'AAAA' the name that was looked up, with the port; for 'SRV' the name and port of each target. */
  authority?: string
  /** The DNS server, such as '10.0.0.2:53'. Default: the system's. */
  server?: string
  /** Shortest time between two lookups, regardless of the TTL. Default 5s. 10ms to 596h. */
  minRefresh?: Duration
  /** Longest time between two lookups, regardless of the TTL. Default 5m. 10ms to 596h. */
  maxRefresh?: Duration
}

/** Endpoints from a file. */
export interface FileDiscoveryConfig {
  /** A JSON file with a list of URLs or of { url, weight, authority }; reread within a second of a change, including a change of a symbolic link in its path, and every minute. */
  file: string
}

/** Endpoints from your own code. */
export interface SourceDiscoveryConfig {
  /** A function that returns an async iterable of endpoint lists. Code only. */
  source: DiscoverySource
}
