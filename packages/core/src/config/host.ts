const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::(\d{0,5}))?$/

/** Whether a `Host` value is a host with an optional port (RFC 9110, section 7.2): no user, space, slash or list. */
export function isHost(value: string): boolean {
  const match = HOST.exec(value)
  return match !== null && Number(match[1] ?? 0) <= 65_535
}

/** Whether a configured authority can be sent in `Host` and, without its port, be the name of a TLS server. */
export function isAuthority(text: string): boolean {
  return isHost(text) && URL.canParse(`http://${text}`)
}

const LONGEST = 255
const MOST = 4_096

/** Builds {@link hostKey} for authorities that may be malformed (`null` then), with a memory: clients name few hosts. */
export function createHostKeys(): (authority: string) => string | null {
  const known = new Map<string, string>()
  return function keyOf(authority) {
    const found = known.get(authority)
    if (found !== undefined) return found
    if (!isHost(authority)) return null
    const key = hostKey(authority)
    if (authority.length > LONGEST) return key
    // Clients choose names, so the table must not grow with them.
    if (known.size >= MOST) known.clear()
    known.set(authority, key)
    return key
  }
}

/** The host for matching: lower case, without port and trailing dot. */
export function hostKey(authority: string): string {
  let end = authority.length
  if (authority.charCodeAt(0) === 91) end = authority.indexOf(']') + 1
  else {
    const colon = authority.indexOf(':')
    if (colon !== -1) end = colon
  }
  if (end > 1 && authority.charCodeAt(end - 1) === 46) end--
  return authority.slice(0, end).toLowerCase()
}
