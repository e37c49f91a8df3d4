import {
  allRoutes,
  type Gateway,
  type InSteps,
  type Prepared,
  type Route,
  type Snapshot,
  settingIn
} from '@gatewright/core'
import { AuthenticateStep } from './authenticate-step.js'
import { Authorizer } from './authorize/authorizer.js'
import { needsIdentity } from './authorize/rule.js'
import { authorizeStep } from './authorize/step.js'
import type { AuthConfig, AuthOptions, AuthorizeOptions } from './config/config.js'
import { alternativesOf } from './expression.js'
import { Failures } from './failures.js'
import { IdentityHeaders } from './identity-headers.js'
import { KeptState, type NextKept } from './kept.js'
import { authenticationKey, authKey, authorizeKey } from './keys.js'
import { Refusals } from './refusals.js'
import { RouteAuth } from './route-auth.js'
import type { Scheme } from './scheme.js'
import { createSchemes } from './schemes.js'

/** What `app.authentication.state()` tells. */
export interface AuthenticationReport {
  /** Clients whose failed attempts are counted. */
  readonly failingClients: number
  /** Requests that were refused, as their client had failed too often. */
  readonly throttled: number
}

/** Finds out who requests are from, and what they may do: `app.authentication`. */
export class Authentication {
  readonly #gateway: Gateway
  readonly #failures: Failures
  readonly #refusals: Refusals
  readonly #kept = new KeptState()
  #schemes: readonly Scheme[] = []

  constructor(gateway: Gateway) {
    this.#gateway = gateway
    this.#failures = new Failures(gateway.clock, gateway.chance)
    this.#refusals = new Refusals(gateway.events)
  }

  /** How many clients fail. */
  state(): AuthenticationReport {
    const { clients, throttled } = this.#failures
    return { failingClients: clients, throttled }
  }

  /** The schemes of the configuration that runs. */
  get schemes(): readonly Scheme[] {
    return this.#schemes
  }

  /** The app closes: timers and files go. */
  close(): void {
    this.#kept.close()
  }

  /** Makes ready the schemes and steps of the next configuration. */
  prepare(next: Snapshot, problems: string[]): InSteps<Prepared> | Promise<InSteps<Prepared>> {
    const kept = this.#kept.begin()
    const giveUp = (error: unknown): never => {
      kept.abandon()
      throw error
    }
    try {
      const schemes = createSchemes(this.#gateway, next, kept, problems)
      if (!(schemes instanceof Promise)) return this.#install(next, schemes, kept, problems)
      return schemes.then((made) => this.#install(next, made, kept, problems)).catch(giveUp)
    } catch (error) {
      return giveUp(error)
    }
  }

  *#install(
    next: Snapshot,
    schemes: ReadonlyMap<string, Scheme>,
    kept: NextKept,
    problems: string[]
  ): InSteps<Prepared> {
    const { headers, failures = {} } = settingIn(authenticationKey, next.config)
    try {
      yield* this.#addSteps(next, schemes, new IdentityHeaders(headers), problems)
    } catch (error) {
      kept.abandon()
      throw error
    }
    return {
      commit: () => {
        this.#failures.use(failures)
        kept.commit()
        this.#schemes = [...schemes.values()]
        for (const scheme of schemes.values()) scheme.commit?.()
      },
      retire: () => kept.retire(),
      abandon: () => kept.abandon()
    }
  }

  *#addSteps(
    next: Snapshot,
    schemes: ReadonlyMap<string, Scheme>,
    identityHeaders: IdentityHeaders,
    problems: string[]
  ): InSteps<void> {
    for (const route of allRoutes(next)) {
      yield
      const auth = this.#authOf(next, route, schemes, problems)
      if (auth !== null)
        next.steps.add(route, {
          name: `authentication ${auth.text}`,
          phase: 'onRequest',
          place: 'identity',
          run: new AuthenticateStep(auth, identityHeaders, this.#failures, this.#refusals).run
        })
      this.#authorize(next, route, auth, problems)
    }
  }

  #authOf(
    next: Snapshot,
    route: Route,
    schemes: ReadonlyMap<string, Scheme>,
    problems: string[]
  ): RouteAuth | null {
    const auth: AuthConfig = route.setting(authKey) ?? settingIn(authKey, next.config) ?? false
    if (auth === false) return null
    const {
      optional = false,
      mode,
      default: byDefault
    } = (typeof auth === 'object' ? auth : {}) as AuthOptions
    if (byDefault === undefined)
      return new RouteAuth(alternativesOf(auth), schemes, { optional, observe: mode === 'observe' })
    problems.push(
      `${route.source}: route '${route.id}' has no 'auth', and auth.default is 'deny'; give it one, or auth: false`
    )
    return null
  }

  #authorize(next: Snapshot, route: Route, auth: RouteAuth | null, problems: string[]): void {
    const authorize = route.setting(authorizeKey) ?? settingIn(authorizeKey, next.config) ?? false
    if (authorize === false) return
    const options = authorize as AuthorizeOptions
    if (auth === null && (needsIdentity(options) || options.any?.every(needsIdentity) === true)) {
      problems.push(
        `${route.source}: 'authorize' of route '${route.id}' needs to know who a request is from, and nothing finds out; give it 'auth', or authorize: false`
      )
      return
    }
    const rules = new Authorizer(this.#gateway, options)
    const observe = options.mode === 'observe'
    next.steps.add(route, {
      name: `authorization ${rules.text}${observe ? ' (only observed)' : ''}`,
      phase: 'onRequest',
      place: 'identity',
      run: authorizeStep(rules, observe, auth, this.#refusals)
    })
  }
}
