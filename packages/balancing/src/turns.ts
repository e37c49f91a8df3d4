import type { Candidates, Endpoint } from '@gatewright/core'

/** What an endpoint is owed, in turns: below 0 when it has just had more than its share. */
interface Account {
  readonly endpoint: Endpoint
  owed: number
}

// Fractions of a turn add up with rounding errors; accounts that differ by less are equal.
const EQUAL = 1e-9

/**
 * Shares out turns in proportion to `weigh`, spread evenly: the smooth weighted round-robin of nginx, in which every
 * endpoint is owed its share of each turn and the one that is owed most has it. Accounts are kept per endpoint and
 * in turns, not in weights: neither candidates that come and go nor new weights reset or distort them.
 *
 * @returns a function that says whose turn it is. The first in the list wins a tie.
 */
export function createTurns(weigh: (endpoint: Endpoint) => number): (candidates: Candidates) => Endpoint {
  const accounts = new WeakMap<Endpoint, Account>()

  function accountOf(endpoint: Endpoint): Account {
    let account = accounts.get(endpoint)
    if (account === undefined) {
      account = { endpoint, owed: 0 }
      accounts.set(endpoint, account)
    }
    return account
  }

  return function next(candidates) {
    let due = accountOf(candidates[0])
    if (candidates.length === 1) return due.endpoint
    let total = 0
    for (const endpoint of candidates) total += weigh(endpoint)
    for (const endpoint of candidates) {
      const account = accountOf(endpoint)
      account.owed += weigh(endpoint) / total
      if (account.owed > due.owed + EQUAL) due = account
    }
    due.owed -= 1
    return due.endpoint
  }
}
