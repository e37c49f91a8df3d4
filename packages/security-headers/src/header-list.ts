import type { SecurityHeadersOptions } from './config/config.js'
import { DEFAULT_DIRECTIVES, policyField } from './content-security-policy.js'

/** Header fields, names in lower case. */
export type HeaderList = readonly (readonly [name: string, value: string])[]

/** The fields that options lead to, in the order of Helmet, which has the same defaults. `tls`: whether the client has TLS. */
export function headerList(options: SecurityHeadersOptions, tls: boolean): HeaderList {
  const {
    contentSecurityPolicy = {},
    contentSecurityPolicyReportOnly = false,
    crossOriginEmbedderPolicy = false,
    crossOriginOpenerPolicy = 'same-origin',
    crossOriginResourcePolicy = 'same-origin',
    originAgentCluster = true,
    permissionsPolicy = false,
    referrerPolicy = 'no-referrer',
    xContentTypeOptions = true,
    xDnsPrefetchControl = 'off',
    xDownloadOptions = true,
    xFrameOptions = 'SAMEORIGIN',
    xPermittedCrossDomainPolicies = 'none',
    xXssProtection = true
  } = options
  const fields: readonly (readonly [string, string | false])[] = [
    ['content-security-policy', policyField(contentSecurityPolicy, DEFAULT_DIRECTIVES, tls)],
    ['content-security-policy-report-only', policyField(contentSecurityPolicyReportOnly, {}, tls)],
    ['cross-origin-embedder-policy', crossOriginEmbedderPolicy],
    ['cross-origin-opener-policy', crossOriginOpenerPolicy],
    ['cross-origin-resource-policy', crossOriginResourcePolicy],
    ['origin-agent-cluster', originAgentCluster && '?1'],
    ['permissions-policy', permissionsPolicy],
    ['referrer-policy', referrerPolicy],
    ['strict-transport-security', tls && hsts(options)],
    ['x-content-type-options', xContentTypeOptions && 'nosniff'],
    ['x-dns-prefetch-control', xDnsPrefetchControl],
    ['x-download-options', xDownloadOptions && 'noopen'],
    ['x-frame-options', xFrameOptions],
    ['x-permitted-cross-domain-policies', xPermittedCrossDomainPolicies],
    ['x-xss-protection', xXssProtection && '0']
  ]
  return fields.filter((field): field is readonly [string, string] => field[1] !== false && field[1] !== '')
}

// RFC 6797, section 7.2: not to clients without TLS.
function hsts({ strictTransportSecurity = {} }: SecurityHeadersOptions): string | false {
  if (strictTransportSecurity === false) return false
  const { maxAge = 31_536_000, includeSubDomains = true, preload = false } = strictTransportSecurity
  return `max-age=${maxAge}${includeSubDomains ? '; includeSubDomains' : ''}${preload ? '; preload' : ''}`
}
