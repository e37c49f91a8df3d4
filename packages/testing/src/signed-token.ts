import { createHmac, type KeyObject, sign } from 'node:crypto'

/** A token to be made. */
export interface TokenParts {
  /** The header without `alg`, which stands first; or the whole header as it is to be encoded. */
  readonly header?: Readonly<Record<string, unknown>> | string
  /** The claims; or the payload as it is to be encoded. */
  readonly claims: Readonly<Record<string, unknown>> | string
  /** The algorithm it is signed by; `none` for an empty signature. */
  readonly algorithm: string
  /** A private key, or the bytes of a shared secret; `null` for `none`. */
  readonly key: KeyObject | Uint8Array | null
}

/**
 * A JSON Web Token (RFC 7519) in compact form: for tests, which also want tokens that no library makes.
 *
 * @example
 * signedToken({ claims: { sub: 'ada' }, algorithm: 'ES256', key: privateKey, header: { kid: '1' } })
 */
export function signedToken({ header = {}, claims, algorithm, key }: TokenParts): string {
  const head = typeof header === 'string' ? header : JSON.stringify({ alg: algorithm, ...header })
  const body = typeof claims === 'string' ? claims : JSON.stringify(claims)
  const signed = `${encoded(head)}.${encoded(body)}`
  return `${signed}.${encoded(signatureOf(signed, algorithm, key))}`
}

/** The signature of a text by an algorithm of RFC 7518. Throws a RangeError for one that there is not. */
export function signatureOf(text: string, algorithm: string, key: KeyObject | Uint8Array | null): Buffer {
  const data = Buffer.from(text)
  const [, kind = '', bits = ''] = /^(HS|RS|PS|ES)(256|384|512)$/.exec(algorithm) ?? []
  if (key === null) return Buffer.alloc(0)
  if (kind === 'HS')
    return createHmac(`sha${bits}`, key as Uint8Array)
      .update(data)
      .digest()
  const priv = key as KeyObject
  if (algorithm === 'EdDSA' || algorithm === 'Ed25519') return sign(null, data, priv)
  if (kind === 'RS') return sign(`sha${bits}`, data, priv)
  if (kind === 'PS') return sign(`sha${bits}`, data, { key: priv, padding: 6, saltLength: Number(bits) / 8 })
  if (kind === 'ES') return sign(`sha${bits}`, data, { key: priv, dsaEncoding: 'ieee-p1363' })
  throw new RangeError(`there is no algorithm '${algorithm}'`)
}

function encoded(part: string | Uint8Array): string {
  return Buffer.from(part as string).toString('base64url')
}
