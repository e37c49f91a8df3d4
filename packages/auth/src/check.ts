import type { ConfigCheck, GatewayConfig } from '@gatewright/core'
import type { AuthConfig, AuthenticationConfig } from './config/config.js'
import { checkConsumers } from './consumers.js'
import { alternativesOf, checkAuth, unknownScheme } from './expression.js'
import { checkIdentityHeaders } from './identity-headers.js'
import { kindOf } from './scheme-kinds.js'

const NAME = /^[\w.-]{1,64}$/

/** Yields the problems of `authentication` that the schema cannot see. */
export function* checkAuthentication(config: AuthenticationConfig, at: string): Iterable<string> {
  const { schemes = {}, consumers = {}, headers = {} } = config
  for (const [kind, names] of Object.entries({ schemes, consumers }))
    for (const name of Object.keys(names))
      if (!NAME.test(name))
        yield `${at}.${kind}: '${name.slice(0, 64)}' must be a name of at most 64 letters, digits, _, . and -`
  // What has no name was not checked either.
  for (const [name, scheme] of Object.entries(schemes))
    if (NAME.test(name)) yield* kindOf(scheme)?.check?.(scheme, `${at}.schemes.${name}`, config) ?? []
  yield* checkConsumers(consumers, schemes, `${at}.consumers`)
  yield* checkIdentityHeaders(headers, `${at}.headers`)
}

/** Every `auth` names schemes that there are. */
export const checkSchemeNames: ConfigCheck = function* checkSchemeNames(config, native) {
  const schemes = config.authentication?.schemes ?? {}
  for (const [at, auth] of authsIn(config, native)) {
    if ([...checkAuth(auth, at)].length > 0 || auth === false) continue
    if (typeof auth === 'object' && auth.default !== undefined) continue
    for (const name of new Set(alternativesOf(auth).flat())) {
      const problem = unknownScheme(name, schemes)
      if (problem !== null) yield `${at}: ${problem}`
    }
  }
}

function* authsIn(
  config: GatewayConfig,
  native: Parameters<ConfigCheck>[1]
): Iterable<readonly [at: string, auth: AuthConfig]> {
  if (config.auth !== undefined) yield ['auth', config.auth]
  for (const [id, { auth }] of Object.entries(config.policies ?? {}))
    if (auth !== undefined) yield [`policies.${id}.auth`, auth]
  for (const [index, { auth }] of (config.routes ?? []).entries())
    if (auth !== undefined) yield [`routes[${index}].auth`, auth]
  for (const [name, { auth }] of native) if (auth !== undefined) yield [`${name}.auth`, auth]
}
