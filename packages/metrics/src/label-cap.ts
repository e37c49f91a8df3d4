/** The label value for all values beyond the limit. It is never claimed. */
const OTHER = 'other'

/** Labels whose values are ours, and few. */
const BOUNDED = new Set(['state', 'phase', 'outcome', 'status', 'class', 'reason', 'result', 'to', 'scope'])

/**
 * Bounds how many values a label has at one time, so that no client and no discovery can make the memory of the gateway
 * or of Prometheus grow without bound. A series claims its value, and releases it when the series goes.
 */
export class LabelCap {
  #most: number
  /** How many claims there are, by label and value. */
  readonly #claims = new Map<string, Map<string, number>>()
  readonly #makers = new Map<string, () => boolean>()

  /** `most` values of each label, from 1. */
  constructor(most: number) {
    this.#most = most
  }

  /** From now on a label has at most so many values; those that are shown stay. */
  resize(most: number): void {
    this.#most = most
  }

  /** The value itself, or `other` if the label has reached its maximum. The result must be released. */
  claim(label: string, value: string): string {
    if (BOUNDED.has(label) || value === OTHER) return value
    if (!this.takes(label, value)) return OTHER
    const claims = this.#claimsOf(label)
    claims.set(value, (claims.get(value) ?? 0) + 1)
    return value
  }

  /** One claim less, or several; with the last one the value makes room. */
  release(label: string, value: string, times = 1): void {
    const claims = this.#claims.get(label)
    const users = claims?.get(value)
    if (claims === undefined || users === undefined) return
    if (users > times) claims.set(value, users - times)
    else claims.delete(value)
  }

  /** Whether the value would have its own name. Makes room for it where anybody can. */
  takes(label: string, value: string): boolean {
    const claims = this.#claimsOf(label)
    const makeRoom = this.#makers.get(label)
    while (claims.size >= this.#most && !claims.has(value)) if (makeRoom?.() !== true) return false
    return true
  }

  /** `makeRoom` drops series that are only shown for a grace period, and returns whether there were any. */
  whenFull(label: string, makeRoom: () => boolean): void {
    this.#makers.set(label, makeRoom)
  }

  #claimsOf(label: string): Map<string, number> {
    let claims = this.#claims.get(label)
    if (claims === undefined) {
      claims = new Map()
      this.#claims.set(label, claims)
    }
    return claims
  }
}

/** The claims of one who shows values for a moment, and then others. */
export class PassingClaims {
  readonly #cap: LabelCap
  readonly #held = new Map<string, Set<string>>()

  constructor(cap: LabelCap) {
    this.#cap = cap
  }

  /** The value itself, or `other`. Claimed until {@link release}. */
  of(label: string, value: string): string {
    let held = this.#held.get(label)
    if (held === undefined) {
      held = new Set()
      this.#held.set(label, held)
    }
    if (held.has(value)) return value
    const name = this.#cap.claim(label, value)
    if (name === value) held.add(value)
    return name
  }

  /** Takes all claims back. */
  release(): void {
    for (const [label, held] of this.#held) for (const value of held) this.#cap.release(label, value)
    this.#held.clear()
  }
}
