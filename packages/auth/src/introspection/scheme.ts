import { type Clock, durationMs, sizeBytes } from '@gatewright/core'
import type { IntrospectionSchemeConfig } from '../config/config.js'
import type { SchemeKind } from '../scheme.js'
import { checkTokenSize } from '../tokens/check-token-size.js'
import { checkServiceUrl } from '../tokens/check-url.js'
import { foundIn } from '../tokens/found-in-claims.js'
import { printOf } from '../tokens/print-of.js'
import { TokenProblem } from '../tokens/token-problem.js'
import { type KnownToken, TokenScheme, unmet } from '../tokens/token-scheme.js'
import { checkTokenPlaces, TokenSource } from '../tokens/token-source.js'
import { IntrospectionClient } from './client.js'
import { Introspector, type IntrospectorRules } from './introspector.js'

/** The scheme of tokens that are looked up. `wallClock`: milliseconds since the epoch. */
function introspectionKindWith(wallClock: Clock): SchemeKind<IntrospectionSchemeConfig> {
  return {
    type: 'introspection',
    *check(config, at) {
      yield* checkServiceUrl(config.url, config.allowHttp, `${at}.url`)
      yield* checkTokenSize(config.maxTokenSize, `${at}.maxTokenSize`)
      yield* checkTokenPlaces(config.from ?? [], `${at}.from`)
    },
    create(config, context) {
      const { clock, timers, faults } = context.gateway
      const { subject, roles, consumer } = config
      const print = printOf(config)
      const rules = rulesOf(config)
      const client = context.keep(
        `client ${print}`,
        () => new IntrospectionClient(config, rules.timeoutMs, timers)
      )
      const introspector = context.keep(
        `tokens ${print}`,
        () =>
          new Introspector<KnownToken>(rules, {
            ask: (token) => client.ask(token),
            wallClock,
            clock,
            make({ claims }) {
              const found = foundIn(claims, { subject, roles, consumer })
              if (found === null) throw new TokenProblem(`it has no claim '${subject ?? 'sub'}'`)
              return unmet(found)
            },
            report: (failure) =>
              faults.warn(
                `the introspection of scheme '${context.name}'`,
                `failed: ${failure}`,
                new Error(failure)
              )
          })
      )
      return new TokenScheme(context, new TokenSource(config.from, config.forward), introspector, () => {
        const { hits, asked, failures } = introspector.counts
        return [
          ['proxy_auth_tokens', introspector.cached],
          ['proxy_auth_token_hits_total', hits],
          ['proxy_auth_introspections_total', asked],
          ['proxy_auth_introspection_failures_total', failures]
        ]
      })
    }
  }
}

/** The scheme of tokens that are looked up, by the time of the process. */
export const introspectionKind: SchemeKind<IntrospectionSchemeConfig> = introspectionKindWith(Date.now)

function rulesOf({
  issuer,
  audience,
  timeout,
  cache = {},
  maxTokenSize
}: IntrospectionSchemeConfig): IntrospectorRules {
  const {
    active,
    inactive,
    maxTokens = 10_000
  } = cache === false ? { active: '0ms', inactive: '0ms', maxTokens: 0 } : cache
  const setOf = (names: string | readonly string[] | undefined): ReadonlySet<string> | null =>
    names === undefined ? null : new Set([names].flat())
  return {
    issuers: setOf(issuer),
    audiences: setOf(audience),
    maxTokenBytes: sizeBytes(maxTokenSize ?? '8KiB') as number,
    timeoutMs: durationMs(timeout ?? '2s') as number,
    activeMs: durationMs(active ?? '1m') as number,
    inactiveMs: durationMs(inactive ?? '10s') as number,
    maxCached: maxTokens
  }
}
