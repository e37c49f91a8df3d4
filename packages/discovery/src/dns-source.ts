import type { Resolver } from 'node:dns/promises'
import type { DiscoveredEndpoints } from '@gatewright/core'
import type { Found } from './source-loop.js'

/** A look-up: nothing optional. Times in milliseconds. */
export interface DnsSettings {
  readonly name: string
  readonly type: 'A' | 'AAAA' | 'SRV'
  readonly port: number
  readonly protocol: 'http' | 'https'
  /** Sent as `Host`; `''` for the name itself, or for SRV each target's. */
  readonly authority: string
  readonly minRefreshMs: number
  readonly maxRefreshMs: number
}

/** The part of Node's resolver that is used. */
export type Lookup = Pick<Resolver, 'resolveSrv'> & {
  resolve4(name: string, options: { ttl: true }): Promise<{ address: string; ttl: number }[]>
  resolve6(name: string, options: { ttl: true }): Promise<{ address: string; ttl: number }[]>
}

/** Looks the name up once. Rejects as the resolver does. The order of the answer does not matter. */
export async function lookUp(lookup: Lookup, settings: DnsSettings): Promise<Found> {
  const { name, type, port, protocol, authority, minRefreshMs, maxRefreshMs } = settings
  if (type === 'SRV') {
    const records = await lookup.resolveSrv(name)
    // Node tells no TTL of SRV records.
    return { endpoints: srvEndpoints(records, settings), freshMs: maxRefreshMs }
  }
  const records =
    type === 'A' ? await lookup.resolve4(name, { ttl: true }) : await lookup.resolve6(name, { ttl: true })
  const ttlMs = Math.min(...records.map(({ ttl }) => ttl * 1_000))
  const hosts = records.map(({ address }) => (type === 'A' ? address : `[${address}]`)).sort()
  return {
    endpoints: hosts.map((host) => ({
      url: `${protocol}://${host}:${port}`,
      authority: authority === '' ? `${withoutDot(name)}:${port}` : authority
    })),
    freshMs: Math.max(minRefreshMs, Math.min(maxRefreshMs, ttlMs))
  }
}

interface SrvRecord {
  readonly name: string
  readonly port: number
  readonly priority: number
  readonly weight: number
}

// RFC 2782: only the lowest priority counts while it works; a weight of 0 is the smallest, not none.
function srvEndpoints(
  records: readonly SrvRecord[],
  { protocol, authority }: DnsSettings
): DiscoveredEndpoints {
  const best = Math.min(...records.map(({ priority }) => priority))
  return records
    .filter(({ priority }) => priority === best)
    .map(({ name, port, weight }) => ({
      url: `${protocol}://${name}:${port}`,
      weight: Math.max(1, weight),
      authority: authority === '' ? `${withoutDot(name)}:${port}` : authority
    }))
    .sort((a, b) => (a.url < b.url ? -1 : 1))
}

// `api.example.com.` is the same name in DNS, but neither in `Host` nor in certificates.
function withoutDot(name: string): string {
  return name.replace(/\.$/, '')
}
