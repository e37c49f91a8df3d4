import { type Exchange, type Identity, toldError } from '@gatewright/core'
import type { FastifyReply } from 'fastify'
import { together } from './consumers.js'
import type { RouteAuth } from './route-auth.js'
import { type Identified, invalid, type Outcome, type Passed, type Scheme, unavailable } from './scheme.js'

/** What is told of a request when every scheme that matters has been asked. */
export interface RunOwner {
  /** `identity` is `null` where all of what lets it pass does not say who it is from. */
  satisfied(run: AuthenticationRun, by: readonly (Identified | Passed)[], identity: Identity | null): void
  notSatisfied(run: AuthenticationRun): void
}

/**
 * One request's authentication: asks the schemes of each way in turn, each scheme once, until one way is satisfied. Where
 * all of them answer at once, so does it.
 */
export class AuthenticationRun {
  readonly auth: RouteAuth
  readonly exchange: Exchange
  readonly reply: FastifyReply
  readonly done: (error?: Error) => void
  readonly outcomes: (Outcome | undefined)[]
  /** Whether a scheme was not asked, as the client has failed too often, and did not know its credential. */
  refusedUnasked = false
  readonly #owner: RunOwner
  readonly #throttled: boolean
  #way = 0
  #asking = false

  constructor(
    owner: RunOwner,
    auth: RouteAuth,
    exchange: Exchange,
    throttled: boolean,
    reply: FastifyReply,
    done: (error?: Error) => void
  ) {
    this.#owner = owner
    this.auth = auth
    this.exchange = exchange
    this.#throttled = throttled
    this.reply = reply
    this.done = done
    this.outcomes = new Array(auth.schemes.length)
  }

  /** The first outcome of a kind; `undefined` for none. */
  first<Kind extends Outcome['kind']>(kind: Kind): Extract<Outcome, { kind: Kind }> | undefined {
    for (const outcome of this.outcomes)
      if (outcome?.kind === kind) return outcome as Extract<Outcome, { kind: Kind }>
    return undefined
  }

  /** Goes on until a scheme has to be waited for, or it is known who the request is from. */
  advance(): void {
    const { ways } = this.auth
    for (; this.#way < ways.length; this.#way++) {
      const way = ways[this.#way] as readonly number[]
      const by: (Identified | Passed)[] = []
      for (const index of way) {
        if (this.outcomes[index] === undefined && !this.#ask(index)) return
        const outcome = this.outcomes[index] as Outcome
        if (outcome.kind !== 'identified' && outcome.kind !== 'passed') break
        by.push(outcome)
      }
      if (by.length < way.length) continue
      const identities = by.flatMap((one) => (one.kind === 'identified' ? [one.identity] : []))
      const identity = identities.length === 0 ? null : together(identities)
      if (identity !== null || identities.length === 0) {
        this.#owner.satisfied(this, by, identity)
        return
      }
      // One of them is not the request's own.
      this.outcomes[way.at(-1) as number] = invalid('its credentials belong to different consumers')
    }
    this.#owner.notSatisfied(this)
  }

  // Whether it has answered at once.
  #ask(index: number): boolean {
    const scheme = this.auth.schemes[index] as Scheme
    if (this.#throttled && scheme.limitsItself !== true) {
      this.outcomes[index] = this.#recall(scheme)
      return true
    }
    this.#asking = true
    const take = (outcome: Outcome): void => {
      if (this.outcomes[index] !== undefined) return
      this.outcomes[index] = outcome
      if (!this.#asking && this.exchange.endedAt === 0) this.advance()
    }
    try {
      scheme.authenticate(this.exchange, take)
    } catch (error) {
      take(unavailable(`scheme '${scheme.name}': ${toldError(error)}`))
    }
    this.#asking = false
    return this.outcomes[index] !== undefined
  }

  #recall(scheme: Scheme): Outcome {
    let known: Outcome | null
    try {
      known = scheme.recall?.(this.exchange) ?? null
    } catch (error) {
      known = unavailable(`scheme '${scheme.name}': ${toldError(error)}`)
    }
    if (known !== null) return known
    this.refusedUnasked = true
    return invalid('not asked, as its client has failed too often')
  }
}
