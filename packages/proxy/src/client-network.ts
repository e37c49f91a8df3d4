/**
 * What counts as one client where clients share something: an IPv4 address, or the network of 64 bits that an IPv6 address
 * is in, as a client with one address there can use all of them (RFC 4291, section 2.5.4).
 */
export function clientNetwork(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address
  const [front = '', back] = address.split('::')
  const groups = front === '' ? [] : front.split(':')
  if (back !== undefined) {
    const last = back === '' ? [] : back.split(':')
    while (groups.length + last.length < 8) groups.push('0')
    groups.push(...last)
  }
  return groups.slice(0, 4).join(':')
}
