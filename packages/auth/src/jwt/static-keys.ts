import { createPublicKey } from 'node:crypto'
import { KeySet } from './key-set.js'
import { keyOf, type VerificationKey } from './verification-key.js'

/** A public key of the configuration: PEM text, or a JWK. */
export type StaticKey = string | Readonly<Record<string, unknown>>

/** What is wrong with a key, or the key. PEM: a public key (SPKI or PKCS #1) or a certificate, whose dates are not looked at. */
export function staticKey(key: StaticKey): VerificationKey | string {
  if (typeof key !== 'string') return keyOf(key)
  if (key.includes('PRIVATE KEY')) return 'is a private key; give the public one'
  try {
    return keyOf(createPublicKey(key).export({ format: 'jwk' }))
  } catch {
    return 'is no public key or certificate in PEM'
  }
}

/** The key of a shared secret, as UTF-8, or what is wrong with it. */
export function secretKey(secret: string): VerificationKey | string {
  return keyOf({ kty: 'oct', k: Buffer.from(secret, 'utf8').toString('base64url') }, { secrets: true })
}

/** A set of keys of the configuration, which has been checked. */
export function staticKeySet(keys: readonly (VerificationKey | string)[]): KeySet {
  return new KeySet(
    keys.filter((key) => typeof key !== 'string'),
    [],
    true
  )
}
