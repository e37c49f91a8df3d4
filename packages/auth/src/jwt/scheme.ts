import { request as http } from 'node:http'
import { request as https } from 'node:https'
import type { Clock } from '@gatewright/core'
import type { JwtSchemeConfig } from '../config/config.js'
import type { SchemeContext, SchemeKind } from '../scheme.js'
import { foundIn } from '../tokens/found-in-claims.js'
import { printOf } from '../tokens/print-of.js'
import { TokenProblem } from '../tokens/token-problem.js'
import { type KnownToken, TokenScheme, unmet } from '../tokens/token-scheme.js'
import { TokenSource } from '../tokens/token-source.js'
import { checkJwt } from './check.js'
import { keyFetcher } from './fetch-keys.js'
import { loadJose } from './jose.js'
import { type KeySource, StaticKeys } from './key-source.js'
import { RemoteKeys, type RemoteKeysReport } from './remote-keys.js'
import { addressOf, keysOf, remoteSettingsOf, rulesOf } from './settings.js'
import { secretKey, staticKey, staticKeySet } from './static-keys.js'
import { type VerifiedToken, Verifier } from './verifier.js'

/** The scheme of JSON Web Tokens. `wallClock`: milliseconds since the epoch. */
function jwtKindWith(wallClock: Clock): SchemeKind<JwtSchemeConfig> {
  return {
    type: 'jwt',
    check: checkJwt,
    async create(config, context) {
      const jose = await loadJose()
      const keys = keySource(config, context)
      const { subject, roles, consumer } = config
      const verifier = context.keep(`tokens ${printOf(config)}`, () => {
        return new Verifier<KnownToken & VerifiedToken>(rulesOf(config), {
          keys,
          jose,
          wallClock,
          make(token) {
            const found = foundIn(token.claims, { subject, roles, consumer })
            if (found === null) throw new TokenProblem(`it has no claim '${subject ?? 'sub'}'`)
            return { ...token, ...unmet(found) }
          }
        })
      })
      return new TokenScheme(context, new TokenSource(config.from, config.forward), verifier, function* () {
        const { hits, verified, refused } = verifier.counts
        yield ['proxy_auth_tokens', verifier.cached]
        yield ['proxy_auth_token_hits_total', hits]
        yield ['proxy_auth_tokens_verified_total', verified]
        yield ['proxy_auth_tokens_refused_total', refused]
        if (keys instanceof RemoteKeys) yield* figuresOf(keys.state())
      })
    }
  }
}

/** The scheme of JSON Web Tokens, by the time of the process. */
export const jwtKind: SchemeKind<JwtSchemeConfig> = jwtKindWith(Date.now)

function* figuresOf(state: RemoteKeysReport): Iterable<readonly [metric: string, value: number]> {
  yield ['proxy_auth_keys', state.keys]
  if (state.ageMs !== null) yield ['proxy_auth_keys_age_seconds', state.ageMs / 1_000]
  yield ['proxy_auth_keys_stale', state.isStale ? 1 : 0]
  yield ['proxy_auth_key_fetches_total', state.fetches]
  yield ['proxy_auth_key_fetch_failures_total', state.failures]
}

function keySource(config: JwtSchemeConfig, context: SchemeContext): KeySource {
  const keys = keysOf(config)
  if (keys.static !== undefined) return new StaticKeys(staticKeySet(keys.static.map(staticKey)))
  if (keys.secret !== undefined) return new StaticKeys(staticKeySet([secretKey(keys.secret)]))
  const { clock, chance, timers, faults } = context.gateway
  const address = addressOf(config)
  return context.keep(`keys ${printOf([address.issuer, keys])}`, () => {
    return new RemoteKeys(remoteSettingsOf(keys), {
      fetch: keyFetcher(address, { http, https }, { clock, timers }),
      clock,
      chance,
      timers,
      report(failure) {
        if (failure !== null)
          faults.warn(
            `the keys of scheme '${context.name}'`,
            `cannot be fetched: ${failure}`,
            new Error(failure)
          )
      }
    })
  })
}
