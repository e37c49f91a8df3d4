import type { Candidates, Endpoint } from '@gatewright/core'

/**
 * Endpoints in slow start, for a policy that prefers idle endpoints: new ones are idle, and would get
 * many times what their weight says. Each is due as often as its weight says, and no more often.
 */
export class Starters {
  readonly #owed = new WeakMap<Endpoint, number>()

  /** Whether some of the candidates start slowly beside others that do not. */
  among(candidates: Candidates): boolean {
    const first = candidates[0].ramp < 1
    for (const { ramp } of candidates) if (ramp < 1 !== first) return true
    return false
  }

  /** Counts a turn for each that starts slowly. Returns the one that is owed most, if that is a whole turn; else `null`. */
  due(candidates: Candidates): Endpoint | null {
    let total = 0
    for (const { weight } of candidates) total += weight
    let due: Endpoint | null = null
    let most = 1
    for (const endpoint of candidates) {
      if (endpoint.ramp === 1) continue
      const owed = (this.#owed.get(endpoint) ?? 0) + endpoint.weight / total
      // A share it could not take because it was busy is not made up later.
      this.#owed.set(endpoint, Math.min(owed, 2))
      if (owed < most) continue
      due = endpoint
      most = owed
    }
    return due
  }

  /** It had its turn. */
  picked(endpoint: Endpoint): void {
    this.#owed.set(endpoint, (this.#owed.get(endpoint) ?? 0) - 1)
  }
}
