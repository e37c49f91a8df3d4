import { type Alternatives, shown } from './expression.js'
import type { Outcome, Scheme } from './scheme.js'

/** What a route asks of requests: its schemes, and which of them must identify a request. */
export class RouteAuth {
  /** Each once, in the order in which they are first asked. */
  readonly schemes: readonly Scheme[]
  /** Ways to satisfy it: indexes into `schemes`. */
  readonly ways: readonly (readonly number[])[]
  readonly optional: boolean
  readonly observe: boolean
  /** In words: `jwt or partners`. */
  readonly text: string

  constructor(
    alternatives: Alternatives,
    schemes: ReadonlyMap<string, Scheme>,
    { optional, observe }: { readonly optional: boolean; readonly observe: boolean }
  ) {
    const names = [...new Set(alternatives.flat())]
    this.schemes = names.map((name) => schemes.get(name) as Scheme)
    this.ways = alternatives.map((way) => way.map((name) => names.indexOf(name)))
    this.optional = optional
    this.observe = observe
    this.text = `${shown(alternatives)}${optional ? ' (optional)' : ''}${observe ? ' (only observed)' : ''}`
  }

  /** What WWW-Authenticate says after these outcomes (RFC 9110, section 11.6.1); `''` for nothing. */
  challenge(outcomes: readonly (Outcome | undefined)[]): string {
    const challenges = this.schemes.map(({ challenge }, index) => {
      const outcome = outcomes[index]
      return (outcome?.kind === 'invalid' ? outcome.challenge : undefined) ?? challenge
    })
    return [...new Set(challenges)].filter((one) => one !== '').join(', ')
  }
}
