/** A URL reference (RFC 3986, section 4.1), taken apart as far as it has to be. */
export interface Reference {
  /** `http` or `https`; `''` for none. */
  readonly scheme: string
  /** Host and port in lower case; `''` for none. */
  readonly authority: string
  /** `''` for none. */
  readonly path: string
  /** Query and fragment with their marks; `''` for none. */
  readonly rest: string
}

// No user, no list, no backslash: whatever two parsers could read differently is left alone.
const REFERENCE =
  /^(?:(?:(https?):)?\/\/((?:\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::\d{1,5})?)(?=[/?#]|$))?([^?#\\]*)((?:\?[^#\\]*)?(?:#[^\\]*)?)$/i
const OUTSIDE_ASCII = /[^\x21-\x7e\x80-\xff]/
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/

/** Takes a reference apart; `null` for one of another scheme, and for what is none. */
export function readReference(text: string): Reference | null {
  if (OUTSIDE_ASCII.test(text)) return null
  const match = REFERENCE.exec(text)
  if (match === null) return null
  const [, scheme = '', authority = '', path = '', rest = ''] = match
  if (authority === '' && (SCHEME.test(path) || path.startsWith('//'))) return null
  return { scheme: scheme.toLowerCase(), authority: authority.toLowerCase(), path, rest }
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' }

/** An authority with its port, also where it is the scheme's own. In lower case. */
export function withPort(authority: string, scheme: string): string {
  return /:\d+$/.test(authority)
    ? authority.toLowerCase()
    : `${authority.toLowerCase()}:${DEFAULT_PORTS[scheme]}`
}
