import { durationMs } from '@gatewright/core'
import { hostOf, isLoopbackHost } from '../view/addresses.js'
import { authOf, schemesIn } from '../view/auth.js'
import type { LintRule } from './rule.js'

export const anyAudience: LintRule = {
  id: 'auth.any-audience',
  severity: 'warning',
  title: 'Tokens for other services are let in',
  explanation:
    'With `audience: false` a token that the issuer has made for any other service passes: whoever runs one of these, or has stolen a token from it, gets in here.',
  fix: 'Give the audience that tokens for this gateway have in `aud`.',
  found: `
authentication:
  schemes:
    tokens: { type: jwt, issuer: https://id.test, audience: false, keys: { secret: 0123456789abcdef0123456789abcdef } }
auth: tokens`,
  clean: `
authentication:
  schemes:
    tokens: { type: jwt, issuer: https://id.test, audience: api, keys: { secret: 0123456789abcdef0123456789abcdef } }
auth: tokens`,
  *find({ config }) {
    for (const { path, scheme } of schemesIn(config))
      if (scheme.type === 'jwt' && scheme.audience === false)
        yield { path: `${path}.audience`, message: 'tokens for any service of the issuer pass' }
  }
}

export const keysInPlain: LintRule = {
  id: 'auth.keys-in-plain',
  severity: 'error',
  title: 'What tokens are checked by comes in plain text',
  explanation:
    'Keys or answers about tokens come over http from another machine: whoever is on the way puts in a key of their own and is let in as anybody.',
  fix: 'Use https, with `ca` where the authority is an own one, and take `allowHttp` out. The own machine is no finding.',
  found: `
authentication:
  schemes:
    tokens:
      type: jwt
      issuer: https://id.test
      audience: api
      keys: { url: http://id.test/jwks.json, allowHttp: true }
auth: tokens`,
  clean: `
authentication:
  schemes:
    tokens:
      type: jwt
      issuer: https://id.test
      audience: api
      keys: { url: https://id.test/jwks.json }
auth: tokens`,
  *find({ config }) {
    for (const { path, scheme } of schemesIn(config)) {
      const places =
        scheme.type === 'jwt'
          ? ([
              ['keys.url', scheme.keys?.url],
              ['keys.discovery', scheme.keys?.discovery]
            ] as const)
          : scheme.type === 'introspection'
            ? ([['url', scheme.url]] as const)
            : []
      for (const [name, url] of places)
        if (typeof url === 'string' && /^http:/i.test(url) && !isLoopbackHost(hostOf(url)))
          yield { path: `${path}.${name}`, message: 'whoever is on the way can let anybody in' }
    }
  }
}

export const tokenInQuery: LintRule = {
  id: 'auth.token-in-query',
  severity: 'warning',
  title: 'Credentials are taken from the URL',
  explanation:
    'URLs end up in histories, in the logs of everything on the way, and in Referer. A credential in one is soon known to others.',
  fix: 'Take it from a header or a cookie. Where clients have no other way (WebSockets and event streams of browsers), give such routes a scheme of their own with short-lived tokens, and waive it there.',
  found: `
authentication:
  schemes:
    tokens:
      type: jwt
      issuer: https://id.test
      audience: api
      keys: { secret: 0123456789abcdef0123456789abcdef }
      from: [{ header: authorization }, { query: access_token }]
auth: tokens`,
  clean: `
authentication:
  schemes:
    tokens:
      type: jwt
      issuer: https://id.test
      audience: api
      keys: { secret: 0123456789abcdef0123456789abcdef }
      from: [{ header: authorization }, { cookie: session }]
auth: tokens`,
  *find({ config }) {
    for (const { path, scheme } of schemesIn(config))
      if ('from' in scheme)
        for (const [index, { query }] of (scheme.from ?? []).entries())
          if (query !== undefined)
            yield {
              path: `${path}.from[${index}]`,
              message: `the parameter '${query}' stands in every log of URLs`
            }
  }
}

export const failsOpen: LintRule = {
  id: 'auth.fails-open',
  severity: 'error',
  title: 'Whoever brings the auth service down is let in',
  explanation:
    "With `failMode: open` a request passes without an identity when the service does not answer. An attacker need not break the service's rules, only overload it.",
  fix: 'Leave `failMode` at `closed`; put health checks, retries and several endpoints on its pool.',
  found: `
authentication: { schemes: { sessions: { type: forward, pool: sessions, failMode: open } } }
auth: sessions
pools:
  sessions: { endpoints: [http://10.0.0.9:3000] }`,
  clean: `
authentication: { schemes: { sessions: { type: forward, pool: sessions } } }
auth: sessions
pools:
  sessions: { endpoints: [http://10.0.0.9:3000] }`,
  *find({ config }) {
    for (const { path, scheme } of schemesIn(config))
      if (scheme.type === 'forward' && scheme.failMode === 'open')
        yield { path: `${path}.failMode`, message: 'without an answer, everybody passes' }
  }
}

/** Longest time for which a withdrawn credential should pass. */
const LONGEST_CACHED_MS = 900_000

export const cachedTooLong: LintRule = {
  id: 'auth.cached-too-long',
  severity: 'warning',
  title: 'A withdrawn credential passes for long',
  explanation:
    'Answers about tokens, keys or requests are remembered for more than a quarter of an hour: for so long whoever has been shut out still gets in.',
  fix: 'Remember them for a minute or so (the default): that saves nearly all look-ups.',
  found: `
authentication: { schemes: { sessions: { type: forward, pool: sessions, cache: { ttl: 1h } } } }
auth: sessions
pools:
  sessions: { endpoints: [http://10.0.0.9:3000] }`,
  clean: `
authentication: { schemes: { sessions: { type: forward, pool: sessions, cache: { ttl: 1m } } } }
auth: sessions
pools:
  sessions: { endpoints: [http://10.0.0.9:3000] }`,
  *find({ config }) {
    for (const { path, scheme } of schemesIn(config)) {
      const { cache } = scheme as { readonly cache?: Readonly<Record<string, unknown>> | false }
      for (const name of ['found', 'active', 'ttl']) {
        const given = cache === undefined || cache === false ? undefined : cache[name]
        if (typeof given === 'string' && (durationMs(given) ?? 0) > LONGEST_CACHED_MS)
          yield {
            path: `${path}.cache.${name}`,
            message: `for ${given} it is not noticed that one was withdrawn`
          }
      }
    }
  }
}

/** Longest difference of clocks that a working time service leaves. */
const LONGEST_SKEW_MS = 300_000

export const clockSkew: LintRule = {
  id: 'auth.clock-skew',
  severity: 'warning',
  title: 'Expired tokens pass for long',
  explanation:
    '`clockSkew` is taken off every check of a time: a token passes for so long after its `exp`. More than five minutes is no difference of clocks.',
  fix: 'Leave it at 60s, and set the clocks.',
  found: `
authentication:
  schemes:
    tokens:
      type: jwt
      issuer: https://id.test
      audience: api
      keys: { secret: 0123456789abcdef0123456789abcdef }
      clockSkew: 10m
auth: tokens`,
  clean: `
authentication:
  schemes:
    tokens:
      type: jwt
      issuer: https://id.test
      audience: api
      keys: { secret: 0123456789abcdef0123456789abcdef }
      clockSkew: 30s
auth: tokens`,
  *find({ config }) {
    for (const { path, scheme } of schemesIn(config))
      if (scheme.type === 'jwt' && (durationMs(scheme.clockSkew ?? '60s') ?? 0) > LONGEST_SKEW_MS)
        yield {
          path: `${path}.clockSkew`,
          message: `tokens pass for ${scheme.clockSkew} after they have expired`
        }
  }
}

export const unusedScheme: LintRule = {
  id: 'auth.unused-scheme',
  severity: 'warning',
  title: 'A scheme that nobody is asked for',
  explanation:
    'No `auth` names the scheme. Mostly a route was meant to have it, and is open or asks for something else.',
  fix: 'Name it in `auth`, or take it out. Routes of Fastify with `config.gateway.auth` are not seen from here: waive it for them.',
  found: `
authentication: { schemes: { clients: { type: mtls }, partners: { type: mtls } } }
auth: clients`,
  clean: `
authentication: { schemes: { clients: { type: mtls }, partners: { type: mtls } } }
auth: { any: [clients, partners] }`,
  *find({ config, routes, policies }) {
    const used = new Set(routes.flatMap((route) => authOf(route)?.ways.flat() ?? []))
    const others = [config.auth, ...[...policies.values()].map((policy) => policy.config.auth)]
    const text = JSON.stringify(others)
    for (const { name, path } of schemesIn(config))
      if (!used.has(name) && !text.includes(JSON.stringify(name)))
        yield { path, message: `no auth names '${name}'` }
  }
}
