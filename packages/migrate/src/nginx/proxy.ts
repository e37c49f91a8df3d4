import type { Options } from '../draft.js'
import type { Context } from './context.js'
import type { Directive } from './directives.js'
import type { Scope } from './scope.js'
import { durationOf, sizeOf } from './units.js'
import type { Upstream } from './upstream.js'

/** The policy with what nginx does where nothing is said. */
export const NGINX_DEFAULTS: Options = {
  timeouts: { connect: '60s', firstByte: '60s', idle: '60s', requestIdle: '60s' },
  bodyLimit: '1MiB'
}

/** Its name. */
export const DEFAULTS_NAME = 'nginx-defaults'

/** Limits, retries and fallback of a route that forwards. */
export function forwardingOf(scope: Scope, upstream: Upstream, context: Context): Options {
  const timeouts = timeoutsOf(scope)
  const limit = scope.one('client_max_body_size')
  const bodyLimit = limit === undefined ? undefined : sizeOf(limit.args[0] ?? '')
  if (limit !== undefined && bodyLimit === undefined)
    context.draft.note('left-out', limit, limit.name, `'${limit.args[0]}' is no size`)
  const retry = retryOf(scope, upstream, context)
  return {
    pool: upstream.pool,
    use: [DEFAULTS_NAME],
    ...(Object.keys(timeouts).length > 0 ? { timeouts } : {}),
    ...(bodyLimit === undefined ? {} : { bodyLimit: /^0\D/.test(bodyLimit) ? false : bodyLimit }),
    ...(retry === undefined ? {} : { retry }),
    ...(upstream.backup === undefined ? {} : { fallback: { pool: upstream.backup } })
  }
}

function timeoutsOf(scope: Scope): Options {
  const timeouts: Options = {}
  const take = (name: string, ...keys: readonly string[]): void => {
    const value = durationOf(scope.one(name)?.args[0] ?? '')
    if (value !== undefined) for (const key of keys) timeouts[key] = value
  }
  take('proxy_connect_timeout', 'connect', 'tlsHandshake')
  take('proxy_read_timeout', 'firstByte', 'idle')
  take('client_body_timeout', 'requestIdle')
  return timeouts
}

const STATUSES = /^http_(\d{3})$/

// nginx sends a request on to the next server by default, where the method allows it.
function retryOf(scope: Scope, { servers }: Upstream, { draft }: Context): Options | undefined {
  const next = scope.one('proxy_next_upstream')
  const tries = scope.one('proxy_next_upstream_tries')
  const limit = scope.one('proxy_next_upstream_timeout')
  const on = next?.args ?? ['error', 'timeout']
  if (on.includes('off') || servers < 2) return undefined
  const most = Number(tries?.args[0] ?? 0)
  const attempts = Math.min(most > 0 ? most : servers, servers, 20)
  if (attempts < 2) return undefined
  const statuses = on.flatMap((word) => STATUSES.exec(word)?.[1] ?? []).map(Number)
  const conditions = [
    ...(on.includes('error') ? ['connect_failure', 'reset'] : []),
    ...(on.includes('timeout') ? ['timeout'] : []),
    ...(statuses.length > 0 ? ['status'] : [])
  ]
  if (next !== undefined && on.includes('invalid_header'))
    draft.note(
      'not-needed',
      next,
      'invalid_header',
      'a response that cannot be read counts as a connection that was reset'
    )
  if (limit !== undefined && limit.args[0] !== '0')
    draft.note('left-out', limit, limit.name, '`timeouts.total` of the route limits all attempts together')
  if (conditions.length === 0) return undefined
  return {
    attempts,
    on: conditions,
    ...(statuses.length > 0 ? { statuses } : {}),
    ...(on.includes('non_idempotent')
      ? { methods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'POST', 'PATCH'] }
      : {}),
    backoff: { base: '0ms', max: '0ms' }
  }
}

/** What of TLS towards the upstream has to be told. */
export function tellUpstreamTls(scope: Scope, pool: string, place: Directive, { draft }: Context): void {
  for (const name of [
    'proxy_ssl_trusted_certificate',
    'proxy_ssl_certificate',
    'proxy_ssl_certificate_key'
  ]) {
    const directive = scope.one(name)
    const key = name.endsWith('_key') ? 'key' : name.includes('trusted') ? 'ca' : 'cert'
    if (directive !== undefined)
      draft.note(
        'left-out',
        directive,
        name,
        `write it into pools.${pool}.tls: ${key}: \${file:${directive.args[0]}}`
      )
  }
  const name = scope.one('proxy_ssl_name')
  const verify = scope.one('proxy_ssl_verify')
  for (const other of [
    'proxy_ssl_server_name',
    'proxy_ssl_protocols',
    'proxy_ssl_ciphers',
    'proxy_ssl_session_reuse',
    'proxy_ssl_verify_depth'
  ]) {
    const directive = scope.one(other)
    if (directive !== undefined)
      draft.note(
        'not-needed',
        directive,
        other,
        'the names of servers are sent, and TLS 1.2 or newer is spoken'
      )
  }
  if (name !== undefined && !name.args[0]?.includes('$')) {
    const options = draft.pools[pool]
    if (options !== undefined) options.tls = { servername: name.args[0] }
  }
  if (verify?.args[0] !== 'on')
    draft.note(
      'differs',
      verify ?? place,
      'proxy_ssl_verify',
      `the certificate of the upstream is verified, which nginx does not: where it is not signed by a public authority, give pools.${pool}.tls.ca`
    )
}
