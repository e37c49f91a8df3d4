import type { JwtAlgorithm } from './algorithms.js'
import type { KeySet } from './key-set.js'
import type { VerificationKey } from './verification-key.js'

/** Takes the keys that may have signed a token; or, as a text for the log, why nobody can tell. */
export type TakeKeys = (keys: readonly VerificationKey[] | string) => void

/** Where the keys come from that tokens are verified with. */
export interface KeySource {
  /** Finds the keys for a token, and calls `take` once: at once where they are known. An empty list: there are none. */
  find(algorithm: JwtAlgorithm, kid: string | null, take: TakeKeys): void
  /**
   * None of `tried` has signed a token. Finds keys that may have taken their place without another id, and calls `take` once;
   * an empty list: there are none, as far as one knows.
   */
  findOthers(
    algorithm: JwtAlgorithm,
    kid: string | null,
    tried: readonly VerificationKey[],
    take: (keys: readonly VerificationKey[]) => void
  ): void
}

/** Keys that never change. */
export class StaticKeys implements KeySource {
  readonly #keys: KeySet

  constructor(keys: KeySet) {
    this.#keys = keys
  }

  find(algorithm: JwtAlgorithm, kid: string | null, take: TakeKeys): void {
    take(this.#keys.candidates(algorithm, kid))
  }

  findOthers(
    _algorithm: JwtAlgorithm,
    _kid: string | null,
    _tried: readonly VerificationKey[],
    take: (keys: readonly VerificationKey[]) => void
  ): void {
    take([])
  }
}
