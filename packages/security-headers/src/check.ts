import { isHost } from '@gatewright/core'
import type { RequireTlsConfig, SecurityHeadersConfig } from './config/config.js'
import { checkPolicy } from './content-security-policy.js'

/** What frames a message, or says what it is: not to be removed. */
const NEEDED =
  /^(?:connection|content-.*|transfer-encoding|trailer|upgrade|keep-alive|date|location|set-cookie|vary|www-authenticate|allow)$/i
const PRINTABLE = /^[\x20-\x7e]+$/

/** Yields the problems of `securityHeaders` that the schema cannot see. */
export function* checkSecurityHeaders(config: SecurityHeadersConfig, at: string): Iterable<string> {
  if (typeof config === 'boolean') return
  const { contentSecurityPolicy, contentSecurityPolicyReportOnly, permissionsPolicy, remove = [] } = config
  if (contentSecurityPolicy !== undefined)
    yield* checkPolicy(contentSecurityPolicy, `${at}.contentSecurityPolicy`)
  if (contentSecurityPolicyReportOnly !== undefined)
    yield* checkPolicy(contentSecurityPolicyReportOnly, `${at}.contentSecurityPolicyReportOnly`)
  if (typeof permissionsPolicy === 'string' && !PRINTABLE.test(permissionsPolicy))
    yield `${at}.permissionsPolicy: must be printable ASCII without line breaks`
  for (const [index, name] of remove.entries())
    if (NEEDED.test(name)) yield `${at}.remove[${index}]: '${name}' is needed by clients`
  const hsts = config.strictTransportSecurity
  if (typeof hsts === 'object' && hsts.preload === true) {
    const { maxAge = 31_536_000, includeSubDomains = true } = hsts
    if (maxAge < 31_536_000 || !includeSubDomains)
      yield `${at}.strictTransportSecurity.preload: needs a maxAge of a year and includeSubDomains`
  }
}

/** Yields the problems of `requireTls` that the schema cannot see. */
export function* checkRequireTls(config: RequireTlsConfig, at: string): Iterable<string> {
  if (typeof config !== 'object') return
  const { action, hosts = [], port } = config
  if (action === 'refuse')
    for (const [name, given] of Object.entries({ hosts: config.hosts, port }))
      if (given !== undefined) yield `${at}.${name}: does nothing with 'refuse'`
  for (const [index, host] of hosts.entries()) {
    const name = host.replace(/^\*\./, '')
    if (!isHost(name) || /:\d*$/.test(name))
      yield `${at}.hosts[${index}]: '${host}' must be a host such as shop.example or *.shop.example, without a port`
  }
}
