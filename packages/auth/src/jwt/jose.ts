import type { ImportedKey, ImportKey } from './verification-key.js'

/** The two functions of `jose` that are used. */
export interface Jose {
  readonly importKey: ImportKey
  /** Verifies the signature of a compact token. Rejects when it is wrong. */
  verify(token: string, key: ImportedKey, algorithm: string): Promise<unknown>
}

/** Loads `jose`, of which a gateway without tokens needs nothing. */
export async function loadJose(): Promise<Jose> {
  const [{ importJWK }, { compactVerify }] = await Promise.all([
    import('jose/key/import'),
    import('jose/jws/compact/verify')
  ])
  return {
    importKey: (jwk, alg) => importJWK(jwk, alg),
    verify: (token, key, algorithm) => compactVerify(token, key, { algorithms: [algorithm] })
  }
}
