const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::(\d{0,5}))?$/

/** Whether a `Host` value is a host with an optional port (RFC 9110, section 7.2): no user, space, slash or list. */
export function isHost(value: string): boolean {
  const match = HOST.exec(value)
  return match !== null && Number(match[1] ?? 0) <= 65_535
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
