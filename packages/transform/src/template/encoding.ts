import type { VariableKind } from './variable.js'

/**
 * Where a template's value goes. `field`: into a header field. `part`: into a header field with a URL or a cookie, of which a
 * variable must stay one part, so that it is percent-encoded. `query`: into a parameter of a query, all of it encoded. `json`: into a JSON string, as text.
 */
export type Target = 'field' | 'part' | 'query' | 'json'

/** Makes what a variable has said fit to stand where it goes; `''` for what cannot. */
export type Encode = (value: string) => string

/** How a variable of this kind is encoded; `null` for as it is. */
export function encodingOf(kind: VariableKind, target: Target): Encode | null {
  if (target === 'field') return kind === 'safe' || kind === 'wire' ? null : fieldText
  if (target === 'json') return kind === 'wire' ? utf8Of : null
  if (kind === 'wire') return (value) => encodeText(utf8Of(value))
  if (target === 'part' && kind === 'path') return pathPart
  if (target === 'part' && kind === 'segments') return segmentsPart
  return encodeText
}

/** The text between variables, as it goes there. */
export function literalText(text: string, target: Target): string {
  if (target === 'json') return text
  return target === 'query' ? encodeText(text) : fieldText(text)
}

/**
 * Text as the bytes of a header field, a character each: UTF-8 beyond ASCII. `''` where it has a control character, such as
 * the CR and LF that would begin another field (RFC 9110, section 5.5).
 */
export function fieldText(value: string): string {
  let ascii = true
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) return ''
    if (code > 0x7f) ascii = false
  }
  return ascii ? value : Buffer.from(value, 'utf8').toString('latin1')
}

// More than one slash in front would lead to another host (RFC 3986, section 4.2).
const LEADING_SLASHES = /^\/+/
const NOT_IN_PATH = /[^\w/~!$&'()*+=:@.%-]/g

function pathPart(value: string): string {
  return value.replace(LEADING_SLASHES, '/').replace(NOT_IN_PATH, encodeURIComponent)
}

function segmentsPart(value: string): string {
  return value.replace(LEADING_SLASHES, '').split('/').map(encodeText).join('/')
}

// Half a surrogate pair is no character.
function encodeText(value: string): string {
  try {
    return encodeURIComponent(value)
  } catch {
    return ''
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true })

// Bytes that are UTF-8, as nearly all are, are that text.
function utf8Of(value: string): string {
  try {
    return UTF8.decode(Buffer.from(value, 'latin1'))
  } catch {
    return value
  }
}
