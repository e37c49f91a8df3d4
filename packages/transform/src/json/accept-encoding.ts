import { isKnownCoding } from '@gatewright/core'

/**
 * An `Accept-Encoding` (RFC 9110, section 12.5.3) with those codings alone that can be decoded: what comes back has to be read.
 * `given` is the client's, `''` for none; never returns `''`.
 */
export function readableEncodings(given: string): string {
  const kept = given.split(',').flatMap((item) => {
    const [name = '', ...params] = item.trim().split(';')
    const coding = name.trim().toLowerCase()
    if (coding === 'identity' || isKnownCoding(coding)) return [item.trim()]
    // Whoever takes any takes gzip; `*;q=0` is none but those named.
    if (coding !== '*') return []
    return isZero(params) ? [item.trim()] : [['gzip', ...params].join(';')]
  })
  return kept.length === 0 ? 'identity' : kept.join(', ')
}

function isZero(params: readonly string[]): boolean {
  return params.some((param) => /^\s*q\s*=\s*0(?:\.0*)?\s*$/i.test(param))
}
