import { BlockList, isIP } from 'node:net'
import type { Trust } from '../model/ingress-settings.js'

/** Trusts no peer: the default. */
export const trustNobody: Trust = { trusts: () => false }

/** The problem of an entry of `trustedProxies`, or `undefined`. */
export function checkCidr(entry: string): string | undefined {
  const [address = '', prefix, more] = entry.split('/')
  const family = isIP(address)
  if (family === 0 || more !== undefined) return `'${entry}' is not an IP address or CIDR range`
  if (prefix === undefined) return undefined
  const bits = family === 4 ? 32 : 128
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > bits)
    return `'${entry}' must have a prefix length from 0 to ${bits}`
  return undefined
}

/** Trust for a list of addresses and CIDR ranges, IPv4 and IPv6, that {@link checkCidr} found no fault in. */
export function createTrust(entries: readonly string[]): Trust {
  if (entries.length === 0) return trustNobody
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  return {
    trusts(address) {
      const family = isIP(address)
      return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4')
    }
  }
}

/** An address without the IPv4-mapped prefix that dual-stack sockets report. `''` for a socket without one. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return ''
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

/**
 * Where the client stands in a chain of addresses, oldest first: the last one that no trusted proxy vouches for. The
 * chain's length when that is the peer itself. The chain counts only when the peer is trusted, which the caller has
 * checked.
 */
export function clientIndex(chain: readonly string[], trust: Trust): number {
  let client = chain.length
  for (let i = chain.length - 1; i >= 0; i--) {
    const hop = hopAddress(chain[i] as string)
    if (hop === '') break
    client = i
    if (!trust.trusts(hop)) break
  }
  return client
}

/** The address in an entry of such a chain; `''` if there is none. `1.2.3.4:567` and `[::1]:567` occur in practice. */
export function hopAddress(entry: string): string {
  const hop = entry.trim()
  if (isIP(hop) !== 0) return plainAddress(hop)
  const match = /^\[([^\]]+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(hop)
  const address = match?.[1] ?? match?.[2] ?? ''
  return isIP(address) === 0 ? '' : plainAddress(address)
}
