import { hash } from 'node:crypto'
import { BoundedMap } from './bounded-map.js'

/** When a token may be used, in milliseconds since the epoch. */
export interface Validity {
  /** From this moment on. */
  readonly fromMs: number
  /** Before this moment. */
  readonly untilMs: number
}

/** What a verdict on a token rests on, such as a key: it is forgotten when that is no more. */
interface Ground {
  readonly live: boolean
}

/** A token that was found good: between these times, and as long as what that rests on lives. */
export interface GoodToken extends Validity {
  readonly ground: Ground
}

/** A token whose signature was found wrong. */
export interface BadToken {
  readonly detail: string
  readonly untilMs: number
  readonly grounds: readonly Ground[]
}

/** Tokens that are remembered by their text, and how much text of them. */
const FRONT = { tokens: 4_096, characters: 4 * 1_024 ** 2 }
/** As much of a token's end as tells it from others: signatures stand there. */
const TAIL = 43
/** Wrong tokens that are remembered. */
const MOST_BAD = 2_048

/** The SHA-256 of a whole token. */
export type Digest = string

/** The digest by which a token is known. */
export function digestOf(token: string): Digest {
  return hash('sha256', token, 'base64url')
}

/**
 * What was found out about tokens. The ones asked for last are found by the end of their text and compared as a whole, which
 * costs less than a hash; the others by the SHA-256 of the whole token. Nothing else identifies a token here.
 */
export class TokenCache<T extends GoodToken> {
  readonly #front = new BoundedMap<{ readonly token: string; readonly good: T }>(
    FRONT.tokens,
    FRONT.characters
  )
  readonly #good: BoundedMap<T> | null
  readonly #bad = new BoundedMap<BadToken>(MOST_BAD)

  /** `most`: good tokens that are remembered; 0 for none. */
  constructor(most: number) {
    this.#good = most === 0 ? null : new BoundedMap(most)
  }

  /** How many good tokens are remembered. */
  get size(): number {
    return this.#good?.size ?? 0
  }

  /** A good token that was asked for lately. */
  recent(token: string, nowMs: number): T | null {
    const known = this.#front.get(token.slice(-TAIL), token.length)
    if (known === undefined || known.token !== token) return null
    return isGood(known.good, nowMs) ? known.good : null
  }

  /** A good token. */
  find(token: string, digest: Digest, nowMs: number): T | null {
    const good = this.#good?.get(digest)
    if (good === undefined || !isGood(good, nowMs)) return null
    this.#remember(token, good)
    return good
  }

  /** What is wrong with a token that was asked for a moment ago; `null` for nothing known. */
  problem(digest: Digest, nowMs: number): string | null {
    const bad = this.#bad.get(digest)
    return bad !== undefined && nowMs < bad.untilMs && bad.grounds.every(({ live }) => live)
      ? bad.detail
      : null
  }

  add(token: string, digest: Digest, good: T): void {
    if (this.#good === null) return
    this.#good.set(digest, good)
    this.#remember(token, good)
  }

  /** What is wrong with a token, until a moment and as long as all of what that rests on lives. */
  addBad(digest: Digest, bad: BadToken): void {
    this.#bad.set(digest, bad)
  }

  /** Nothing is known any more. */
  clear(): void {
    this.#front.clear()
    this.#good?.clear()
    this.#bad.clear()
  }

  #remember(token: string, good: T): void {
    this.#front.set(token.slice(-TAIL), { token, good }, token.length)
  }
}

function isGood({ ground, fromMs, untilMs }: GoodToken, nowMs: number): boolean {
  return ground.live && nowMs < untilMs && nowMs >= fromMs
}
