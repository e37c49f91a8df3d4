import { BlockList, isIP } from 'node:net'

/** The host of a URL, without brackets; `''` for what is no URL. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '').toLowerCase() : ''
}

/** Whether a host is the own machine. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || /^127\./.test(host) || host === '::1'
}

/** Whether a URL leads to the own machine. */
export function isLoopback(url: string): boolean {
  return isLoopbackHost(hostOf(url))
}

/** Whether a URL names an address of the public Internet; for names it cannot be told. */
export function isPublicAddress(url: string): boolean {
  const host = hostOf(url)
  const family = isIP(host)
  return family !== 0 && !PRIVATE.check(host, family === 6 ? 'ipv6' : 'ipv4')
}

/** Networks that are not routed in the public Internet (RFC 1918, 4193, 5737, 6598 and the like). */
const PRIVATE = blockListOf([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.2.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['::1/128', 'fc00::/7', 'fe80::/10', '2001:db8::/32']
])

function blockListOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/')
    list.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}
