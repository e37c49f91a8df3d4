import type { JwtAlgorithm } from './algorithms.js'
import { keyOf, type VerificationKey } from './verification-key.js'

/** Keys in a set; more are refused. */
const MOST_KEYS = 100
/** Keys that are tried for one token: those that have the same id, or for a token that names none. */
const MOST_TRIED = 4
const NONE: readonly VerificationKey[] = []

/** The keys that tokens may be signed with. */
export class KeySet {
  readonly keys: readonly VerificationKey[]
  /** Keys of the set that are of no use here, and why: `kid: reason`. */
  readonly unused: readonly string[]
  readonly #anyKid: boolean

  /** `anyKid`: a key without an id is for tokens with any id, as where keys are part of the configuration. */
  constructor(keys: readonly VerificationKey[], unused: readonly string[] = [], anyKid = false) {
    this.keys = keys
    this.unused = unused
    this.#anyKid = anyKid
  }

  /**
   * The keys that may have signed a token: those of its id, or all for the algorithm when it names none. None where more than
   * four would have to be tried.
   */
  candidates(algorithm: JwtAlgorithm, kid: string | null): readonly VerificationKey[] {
    const found = this.keys.filter(
      (key) =>
        key.algorithms.includes(algorithm) &&
        (kid === null || key.kid === kid || (this.#anyKid && key.kid === null))
    )
    return found.length > MOST_TRIED ? NONE : found
  }

  /** Nothing that was signed with these keys is good any more. */
  withdraw(): void {
    for (const key of this.keys) key.live = false
  }
}

/**
 * The set of a JWKS document (RFC 7517, section 5). Keys that `previous` has too stay the same objects. Throws an Error where
 * the document is none, or has no key of use.
 */
export function keySetOf(document: unknown, previous: KeySet | null = null): KeySet {
  const { keys } = (document ?? {}) as { readonly keys?: unknown }
  if (!Array.isArray(keys)) throw new Error("it is no key set: it has no list 'keys'")
  if (keys.length > MOST_KEYS) throw new Error(`it has more than ${MOST_KEYS} keys`)
  const known = new Map(previous?.keys.map((key) => [key.print, key]))
  const found = new Map<string, VerificationKey>()
  const unused: string[] = []
  for (const jwk of keys as readonly unknown[]) {
    const key = keyOf(jwk)
    if (typeof key === 'string') unused.push(key)
    else found.set(key.print, known.get(key.print) ?? key)
  }
  if (found.size === 0)
    throw new Error(`it has no key of use${unused.length > 0 ? `: one ${unused[0]}` : ''}`)
  return new KeySet([...found.values()], unused)
}

/** `next` takes the place of `previous`: keys that are in it no more are withdrawn. */
export function replaceKeys(previous: KeySet | null, next: KeySet): void {
  const kept = new Set(next.keys)
  for (const key of previous?.keys ?? NONE) if (!kept.has(key)) key.live = false
}
