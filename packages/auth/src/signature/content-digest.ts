import { hash, timingSafeEqual } from 'node:crypto'

const ENTRY = /(?:^|,)[ \t]*(sha-256|sha-512)=:([A-Za-z0-9+/]{1,128}={0,2}):[ \t]*(?=,|$)/g

/** Whether a body is the one that a `Content-Digest` says (RFC 9530, section 2): by each digest in it that is known, at least one. */
export function isDigestOf(field: string, body: Buffer): boolean {
  let known = 0
  for (const [, algorithm, digest = ''] of field.matchAll(ENTRY)) {
    const found = Buffer.from(hash(algorithm === 'sha-256' ? 'sha256' : 'sha512', body, 'base64'))
    const said = Buffer.from(digest)
    if (said.length !== found.length || !timingSafeEqual(said, found)) return false
    known++
  }
  return known > 0
}
