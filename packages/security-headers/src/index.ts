export type * from './config/config.js'
export type { ContentSecurityPolicy, DirectiveSources } from './content-security-policy.js'
export { securityHeaders, securityHeaders as default } from './plugin.js'
export { TLS_REQUIRED } from './reasons.js'
