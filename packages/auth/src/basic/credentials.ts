/** A user name and a password. */
export interface Credentials {
  readonly name: string
  readonly password: string
}

const BASE64 = /^[A-Za-z0-9+/]{1,1024}={0,2}$/
const CONTROL = /[\x00-\x1f\x7f]/
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** What stands behind `Basic` (RFC 7617, section 2), as UTF-8; `null` for what is malformed. */
export function credentialsIn(text: string): Credentials | null {
  if (!BASE64.test(text)) return null
  let decoded: string
  try {
    decoded = UTF8.decode(Buffer.from(text, 'base64'))
  } catch {
    return null
  }
  const colon = decoded.indexOf(':')
  if (colon < 1 || CONTROL.test(decoded)) return null
  return { name: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
}
