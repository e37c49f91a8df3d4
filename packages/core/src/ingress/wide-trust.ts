/** The shortest prefix that is one organisation's own: `10.0.0.0/8`, `fc00::/7`. */
const WIDEST = { ipv4: 8, ipv6: 7 } as const

/** The entries of `trustedProxies` so wide that strangers are in them, such as `0.0.0.0/0`. The entries are valid. */
export function wideEntries(entries: readonly string[]): readonly string[] {
  return entries.filter((entry) => {
    const [address = '', prefix] = entry.split('/')
    const widest = address.includes(':') ? WIDEST.ipv6 : WIDEST.ipv4
    return prefix !== undefined && Number(prefix) < widest
  })
}
