import {
  type BalancingContext,
  type BalancingPolicy,
  type BalancingPolicyType,
  DURATION_PATTERN,
  GatewayError
} from '@gatewright/core'
import { leastConnections } from './least-connections.js'
import { p2c } from './p2c.js'
import { peakEwma } from './peak-ewma.js'
import { random } from './random.js'
import { roundRobin, weightedRoundRobin } from './round-robin.js'
import { createSessionCookie, type SessionCookieOptions } from './session-cookie.js'
import { createSessionTokens, keyedHash } from './session-token.js'

const INNER = {
  p2c,
  'least-connections': leastConnections,
  'peak-ewma': peakEwma,
  random,
  'round-robin': roundRobin,
  'weighted-round-robin': weightedRoundRobin
} as const satisfies Record<string, BalancingPolicyType<object>>

/** Options of `sticky`. */
export interface StickyOptions extends SessionCookieOptions {
  /**
   * Key of the HMAC that names endpoints in cookies; at least 32 characters, random, the same on every gateway of
   * a fleet. Who knows it can choose an endpoint and find out which one a session has. A new one starts all
   * sessions afresh.
   */
  readonly secret: string
  /**
   * Name of the cookie. Two pools that one client uses need two names. Default: `gw_` and eight characters
   * made from secret and pool id, so that they have.
   */
  readonly cookie?: string
  /**
   * What to do when a session's endpoint cannot take the request: give the session another endpoint
   * (`redistribute`), or answer 503 `no_endpoint` (`fail`). Danger of `fail`: an endpoint that has left the pool for
   * good takes its sessions down until their cookies expire. Default `redistribute`.
   */
  readonly onLost?: 'redistribute' | 'fail'
  /** Which policy, with its default options, chooses the endpoint of a new session. Default `p2c`. */
  readonly inner?: keyof typeof INNER
}

/**
 * `sticky`: the endpoint of a client's first request gets its later ones too. A signed cookie names it by a keyed
 * hash, never by its address; a cookie that this gateway's secret did not make is ignored. A draining endpoint
 * keeps its sessions and gets no new ones. The session moves, and the cookie with it, when its endpoint is no
 * candidate: out of the pool, unhealthy or just tried in vain.
 */
export const sticky: BalancingPolicyType<StickyOptions> = {
  name: 'sticky',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['secret'],
    properties: {
      secret: { type: 'string', minLength: 32, writeOnly: true },
      cookie: {
        type: 'string',
        pattern: "^[\\w!#$%&'*+.^`|~-]+$",
        rule: "a cookie's name, such as 'session'"
      },
      onLost: oneOf('redistribute', 'fail'),
      inner: oneOf(...Object.keys(INNER)),
      sameSite: oneOf('strict', 'lax', 'none'),
      secure: { type: 'boolean' },
      maxAge: { type: 'string', pattern: DURATION_PATTERN }
    }
  },
  create: createSticky
}

function oneOf(...names: string[]): object {
  return { anyOf: names.map((name) => ({ const: name })) }
}

function createSticky(options: StickyOptions, context: BalancingContext): BalancingPolicy {
  const { secret, onLost = 'redistribute' } = options
  const { poolId } = context
  const name = options.cookie ?? `gw_${keyedHash(secret, `cookie\0${poolId}`).slice(0, 8)}`
  const cookie = createSessionCookie(name, options)
  const tokens = createSessionTokens(secret, poolId)
  const inner: BalancingPolicy = INNER[options.inner ?? 'p2c'].create({} as never, context)
  return {
    name: 'sticky',
    sessionOf(endpoints, exchange) {
      const token = cookie.read(exchange)
      return endpoints.find((endpoint) => tokens.of(endpoint) === token) ?? null
    },
    pick(candidates, exchange) {
      const token = cookie.read(exchange)
      if (token !== undefined) {
        // Not in constant time: all it could give away is a cookie that any new session may get.
        for (const endpoint of candidates) if (tokens.of(endpoint) === token) return endpoint
        if (onLost === 'fail' && tokens.isGenuine(token))
          throw new GatewayError('no_endpoint', { detail: 'the endpoint of the session is not available' })
      }
      const endpoint = inner.pick(candidates, exchange)
      // The session's own endpoint is still at work: to be slow once moves no session.
      if (exchange.hedging && exchange.attempts.some((attempt) => tokens.of(attempt.endpoint) === token))
        return endpoint
      cookie.write(exchange, tokens.of(endpoint))
      return endpoint
    },
    started(endpoint, exchange) {
      inner.started?.(endpoint, exchange)
    },
    ended(attempt, exchange) {
      inner.ended?.(attempt, exchange)
    }
  }
}
