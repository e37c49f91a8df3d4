import type { Resolver } from 'node:dns/promises'
import type { DiscoveredEndpoints } from './config/callbacks.js'
import type { Found } from './source-loop.js'

/** Resolved lookup settings. Times in milliseconds. */
export interface DnsSettings {
  readonly name: string
  readonly type: 'A' | 'AAAA' | 'SRV'
  readonly port: number
  readonly protocol: 'http' | 'https'
  /** The authority of the endpoints; `''` for the name itself or, for SRV, the name of each target. */
  readonly authority: string
  readonly minRefreshMs: number
  readonly maxRefreshMs: number
}

/** The subset of Node's resolver in use. */
export type Lookup = Pick<Resolver, 'resolveSrv'> & {
  resolve4(name: string, options: { ttl: true }): Promise<{ address: string; ttl: number }[]>
  resolve6(name: string, options: { ttl: true }): Promise<{ address: string; ttl: number }[]>
}

/** Looks the name up once. Rejects as the resolver does. The order of records is ignored. */
export async function lookUp(lookup: Lookup, settings: DnsSettings): Promise<Found> {
  const { name, type, port, protocol, authority, minRefreshMs, maxRefreshMs } = settings
  if (type === 'SRV') {
    const records = await lookup.resolveSrv(name)
    // Node does not expose the TTL of SRV records.
    return { endpoints: srvEndpoints(records, settings), freshMs: maxRefreshMs }
  }
  const records =
    type === 'A' ? await lookup.resolve4(name, { ttl: true }) : await lookup.resolve6(name, { ttl: true })
  const ttlMs = Math.min(...records.map(({ ttl }) => ttl * 1_000))
  // Some servers send duplicate records.
  const addresses = new Set(records.map(({ address }) => address))
  const hosts = [...addresses].map((address) => (type === 'A' ? address : `[${address}]`)).sort()
  return {
    endpoints: hosts.map((host) => ({
      url: `${protocol}://${host}:${port}`,
      authority: authority === '' ? `${withoutDot(name)}:${port}` : authority
    })),
    freshMs: Math.max(minRefreshMs, Math.min(maxRefreshMs, ttlMs))
  }
}

const MOST_WEIGHT = 65_535

interface SrvRecord {
  readonly name: string
  readonly port: number
  readonly priority: number
  readonly weight: number
}

// RFC 2782: only the records of the lowest priority are used; weight 0 means the smallest weight, not none. Weights of
// duplicate targets are added.
function srvEndpoints(
  records: readonly SrvRecord[],
  { protocol, authority }: DnsSettings
): DiscoveredEndpoints {
  const best = Math.min(...records.map(({ priority }) => priority))
  const weights = new Map<string, number>()
  for (const { name, port, priority, weight } of records) {
    if (priority !== best) continue
    const target = `${name.toLowerCase()}:${port}`
    weights.set(target, (weights.get(target) ?? 0) + Math.max(1, weight))
  }
  return [...weights]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([target, weight]) => ({
      url: `${protocol}://${target}`,
      weight: Math.min(MOST_WEIGHT, weight),
      authority: authority === '' ? target.replace(/\.(?=:\d+$)/, '') : authority
    }))
}

// A trailing dot is valid in DNS, but not in `Host` or certificates.
function withoutDot(name: string): string {
  return name.replace(/\.$/, '')
}
