/** A signature algorithm (RFC 7518, section 3.1; RFC 8037; RFC 9864). */
export type JwtAlgorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'Ed25519'
  | 'HS256'
  | 'HS384'
  | 'HS512'

/** The key that an algorithm takes: its type, and its curve. */
interface KeyShape {
  readonly kty: 'RSA' | 'EC' | 'OKP' | 'oct'
  readonly crv?: string
}

const RSA: KeyShape = { kty: 'RSA' }
const OCT: KeyShape = { kty: 'oct' }
const ED25519: KeyShape = { kty: 'OKP', crv: 'Ed25519' }

const SHAPES: Readonly<Record<JwtAlgorithm, KeyShape>> = {
  RS256: RSA,
  RS384: RSA,
  RS512: RSA,
  PS256: RSA,
  PS384: RSA,
  PS512: RSA,
  ES256: { kty: 'EC', crv: 'P-256' },
  ES384: { kty: 'EC', crv: 'P-384' },
  ES512: { kty: 'EC', crv: 'P-521' },
  EdDSA: ED25519,
  Ed25519: ED25519,
  HS256: OCT,
  HS384: OCT,
  HS512: OCT
}

const ALL = Object.keys(SHAPES) as JwtAlgorithm[]

/** Algorithms with a public key: the default. `none` is no algorithm here at all. */
export const ASYMMETRIC: readonly JwtAlgorithm[] = ALL.filter((name) => !isSymmetric(name))
/** Algorithms with a shared secret. */
export const SYMMETRIC: readonly JwtAlgorithm[] = ALL.filter(isSymmetric)

/** Whether an algorithm takes a shared secret. */
export function isSymmetric(name: JwtAlgorithm): boolean {
  return SHAPES[name].kty === 'oct'
}

/** The algorithms that a key of this type and curve can be for. */
export function algorithmsFor(kty: string, crv: string | undefined): readonly JwtAlgorithm[] {
  return ALL.filter((name) => {
    const shape = SHAPES[name]
    return shape.kty === kty && (shape.crv === undefined || shape.crv === crv)
  })
}

/** Least bytes of a shared secret: what the hash yields (RFC 7518, section 3.2). */
export function leastSecretBytes(name: JwtAlgorithm): number {
  return Number(name.slice(2)) / 8
}
