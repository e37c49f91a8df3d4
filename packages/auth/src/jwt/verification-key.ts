import { algorithmsFor, type JwtAlgorithm, leastSecretBytes } from './algorithms.js'

/** What can be made of a JWK and an algorithm: what `jose` verifies with. */
export type ImportedKey = Awaited<ReturnType<typeof import('jose/key/import').importJWK>>

/** Imports a JWK: `importJWK` of `jose`. */
export type ImportKey = (jwk: Readonly<Record<string, string>>, alg: string) => Promise<ImportedKey>

/** A key that signatures are verified with. The same object as long as the key itself stays the same. */
export interface VerificationKey {
  readonly kid: string | null
  readonly algorithms: readonly JwtAlgorithm[]
  /** Whether tokens signed with it are good: until it is withdrawn, or nobody knows any more whether it is. */
  live: boolean
  /** Tells it from every other one: what it is made of. */
  readonly print: string
  import(algorithm: JwtAlgorithm, importKey: ImportKey): Promise<ImportedKey>
}

/** Bits of an RSA modulus: less is broken, and more costs seconds per token. */
const RSA_BITS = { least: 2_048, most: 8_192 }
/** Members that make up a public key, or a shared secret; those of private keys are left out. */
const MEMBERS = { RSA: ['n', 'e'], EC: ['crv', 'x', 'y'], OKP: ['crv', 'x'], oct: ['k'] } as const

/**
 * The key of a JWK (RFC 7517), or what is wrong with it: a type or curve without an algorithm here, not meant for verifying
 * signatures (`use`, `key_ops`), too small or too large. `secrets`: whether it may be a shared secret; those in key sets of
 * others may not, as whoever reads such a set could sign with them.
 */
export function keyOf(
  jwk: unknown,
  { secrets = false }: { readonly secrets?: boolean } = {}
): VerificationKey | string {
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) return 'is no object'
  const { kty, crv, use, alg, kid, key_ops: ops, n, k } = jwk as Readonly<Record<string, unknown>>
  if (typeof kty !== 'string' || !Object.hasOwn(MEMBERS, kty)) return 'has an unknown type'
  if (kty === 'oct' && !secrets) return 'is a shared secret'
  if (use !== undefined && use !== 'sig') return 'is not for signatures'
  if (ops !== undefined && !(Array.isArray(ops) && ops.includes('verify'))) return 'is not for verifying'
  if (kid !== undefined && typeof kid !== 'string') return 'has an id that is no text'
  const possible = algorithmsFor(kty, typeof crv === 'string' ? crv : undefined)
  const algorithms = possible.filter((name) => {
    if (alg !== undefined && alg !== name) return false
    return kty !== 'oct' || bytesIn(k) >= leastSecretBytes(name)
  })
  if (algorithms.length === 0) return 'has no algorithm of those there are'
  const names: readonly string[] = MEMBERS[kty as keyof typeof MEMBERS]
  const members: Record<string, string> = { kty }
  for (const name of names) {
    const value = (jwk as Readonly<Record<string, unknown>>)[name]
    if (typeof value !== 'string' || !/^[\w-]+=*$/.test(value)) return `has no '${name}'`
    members[name] = value
  }
  if (kty === 'RSA') {
    const bits = bitsIn(n as string)
    if (bits < RSA_BITS.least) return `has ${bits} bits, and needs ${RSA_BITS.least}`
    if (bits > RSA_BITS.most) return `has ${bits} bits, more than ${RSA_BITS.most}`
  }
  return new Key(kid ?? null, algorithms, members)
}

class Key implements VerificationKey {
  readonly kid: string | null
  readonly algorithms: readonly JwtAlgorithm[]
  live = true
  readonly print: string
  readonly #members: Readonly<Record<string, string>>
  readonly #imported = new Map<string, Promise<ImportedKey>>()

  constructor(
    kid: string | null,
    algorithms: readonly JwtAlgorithm[],
    members: Readonly<Record<string, string>>
  ) {
    this.kid = kid
    this.algorithms = algorithms
    this.print = JSON.stringify([kid, algorithms, Object.entries(members)])
    this.#members = members
  }

  import(algorithm: JwtAlgorithm, importKey: ImportKey): Promise<ImportedKey> {
    let imported = this.#imported.get(algorithm)
    if (imported === undefined) {
      imported = importKey(this.#members, algorithm)
      this.#imported.set(algorithm, imported)
    }
    return imported
  }
}

function bytesIn(base64url: unknown): number {
  return typeof base64url === 'string' ? Buffer.from(base64url, 'base64url').length : 0
}

function bitsIn(base64url: string): number {
  const bytes = Buffer.from(base64url, 'base64url')
  const first = bytes.findIndex((byte) => byte !== 0)
  return first === -1 ? 0 : (bytes.length - first) * 8 - (Math.clz32(bytes[first] as number) - 24)
}
