import { closed, limit, mode, typed } from '@gatewright/core/terms'
import { Type } from 'typebox'

const oneOf = (values: readonly string[], description: string) =>
  Type.Union([...values.map((value) => Type.Literal(value)), Type.Literal(false)], { description })

const policyText = (description: string) => typed('ContentSecurityPolicy', { description })

const field = Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$", rule: 'a header name' })

const HstsSchema = Type.Object(
  {
    maxAge: Type.Optional(
      limit(
        'For how many seconds browsers use TLS only. Default 31536000, a year; 0 ends it.',
        0,
        315_360_000
      )
    ),
    includeSubDomains: Type.Optional(
      Type.Boolean({
        description: 'Subdomains too. Default true. Danger: those without TLS cannot be reached any more.'
      })
    ),
    preload: Type.Optional(
      Type.Boolean({
        description:
          'Asks to be in the lists that browsers bring along. Default false. Danger: it takes months to get out.'
      })
    )
  },
  { ...closed, title: 'HstsOptions', description: 'Strict-Transport-Security (RFC 6797).' }
)

const SecurityHeadersSchema = Type.Object(
  {
    contentSecurityPolicy: Type.Optional(
      policyText(
        "Content-Security-Policy: directives over Helmet's defaults, by name ({ 'img-src': ['self', 'https:'] }; false leaves one out), the whole as text, or false. upgrade-insecure-requests is left out for clients without TLS. Danger of the default: pages whose upstream has no policy of its own lose their inline scripts."
      )
    ),
    contentSecurityPolicyReportOnly: Type.Optional(
      policyText(
        'Content-Security-Policy-Report-Only: browsers tell what they would have blocked. As `contentSecurityPolicy`, without defaults beneath. Default: none.'
      )
    ),
    strictTransportSecurity: Type.Optional(
      Type.Union([HstsSchema, Type.Literal(false)], {
        description:
          'Strict-Transport-Security, to clients that have come by TLS, as trusted proxies tell. Default: a year, with subdomains.'
      })
    ),
    crossOriginOpenerPolicy: Type.Optional(
      oneOf(
        ['same-origin', 'same-origin-allow-popups', 'noopener-allow-popups', 'unsafe-none'],
        'Cross-Origin-Opener-Policy. Default same-origin.'
      )
    ),
    crossOriginResourcePolicy: Type.Optional(
      oneOf(
        ['same-origin', 'same-site', 'cross-origin'],
        'Cross-Origin-Resource-Policy: whose pages may embed it. Default same-origin. Danger: images and scripts for other sites need cross-origin; CORS does not make up for it.'
      )
    ),
    crossOriginEmbedderPolicy: Type.Optional(
      oneOf(['require-corp', 'credentialless', 'unsafe-none'], 'Cross-Origin-Embedder-Policy. Default: none.')
    ),
    referrerPolicy: Type.Optional(
      oneOf(
        [
          'no-referrer',
          'no-referrer-when-downgrade',
          'origin',
          'origin-when-cross-origin',
          'same-origin',
          'strict-origin',
          'strict-origin-when-cross-origin',
          'unsafe-url'
        ],
        'Referrer-Policy. Default no-referrer.'
      )
    ),
    permissionsPolicy: Type.Optional(
      Type.Union([Type.String({ minLength: 1, maxLength: 4_096 }), Type.Literal(false)], {
        description: 'Permissions-Policy, such as camera=(), geolocation=(self). Default: none.'
      })
    ),
    xFrameOptions: Type.Optional(oneOf(['DENY', 'SAMEORIGIN'], 'X-Frame-Options. Default SAMEORIGIN.')),
    xContentTypeOptions: Type.Optional(
      Type.Boolean({ description: 'X-Content-Type-Options: nosniff. Default true.' })
    ),
    originAgentCluster: Type.Optional(
      Type.Boolean({ description: 'Origin-Agent-Cluster: ?1. Default true.' })
    ),
    xDnsPrefetchControl: Type.Optional(oneOf(['on', 'off'], 'X-DNS-Prefetch-Control. Default off.')),
    xDownloadOptions: Type.Optional(
      Type.Boolean({ description: 'X-Download-Options: noopen. Default true.' })
    ),
    xPermittedCrossDomainPolicies: Type.Optional(
      oneOf(
        ['none', 'master-only', 'by-content-type', 'all'],
        'X-Permitted-Cross-Domain-Policies. Default none.'
      )
    ),
    xXssProtection: Type.Optional(
      Type.Boolean({
        description: 'X-XSS-Protection: 0, which switches off a filter with holes of its own. Default true.'
      })
    ),
    upstream: Type.Optional(
      Type.Union([Type.Literal('keep'), Type.Literal('replace')], {
        description:
          "Where the upstream sends one of these headers itself: 'keep' its value (default) or 'replace' it. What a hook of yours sets stays in either case."
      })
    ),
    remove: Type.Optional(
      Type.Array(field, {
        maxItems: 50,
        description: "Headers of the upstream's that are removed, such as server. Default: x-powered-by."
      })
    )
  },
  { ...closed, title: 'SecurityHeadersOptions', description: 'Headers that make browsers careful.' }
)

const SecurityHeadersConfigSchema = Type.Union([SecurityHeadersSchema, Type.Boolean()], {
  title: 'SecurityHeadersConfig',
  description:
    "Security headers of every response, the gateway's own too: true for Helmet's defaults. At the top it holds for all routes that say nothing, and for what no route takes. Default: false."
})

const RequireTlsSchema = Type.Object(
  {
    mode: Type.Optional(mode),
    action: Type.Union([Type.Literal('redirect'), Type.Literal('refuse')], {
      description:
        "'redirect': 308 to the same URL with https; 'refuse': 403 tls_required. For an API, refuse: a redirect hides that the client has sent its credentials in plain."
    }),
    hosts: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 253 }), {
        minItems: 1,
        maxItems: 1_000,
        description:
          'Hosts to which a redirect may lead, such as shop.example or *.shop.example. Default: the hosts of the route, which then must have some. Others get 403.'
      })
    ),
    port: Type.Optional(limit('The port of https. Default 443.', 1, 65_535))
  },
  { ...closed, title: 'RequireTlsOptions', description: 'What happens to requests without TLS.' }
)

const RequireTlsConfigSchema = Type.Union(
  [Type.Literal('redirect'), Type.Literal('refuse'), RequireTlsSchema, Type.Literal(false)],
  {
    title: 'RequireTlsConfig',
    description:
      'Requests that have not come by TLS are redirected or refused, before anything else but limits. Whether a request has, is told by its connection, or by proxies in `trustedProxies`. At the top it holds for all routes that say nothing, and for what no route takes. Danger behind a load balancer that ends TLS and is not in `trustedProxies`: every request seems to be without. Default: false.'
  }
)

const on = ['gateway', 'policy', 'route']

/** What this package adds to the configuration. */
export const keys = {
  securityHeaders: { on, schema: SecurityHeadersConfigSchema },
  requireTls: { on, schema: RequireTlsConfigSchema }
}

/** Where types come from that only TypeScript can say. */
export const sources = { '../content-security-policy.js': ['ContentSecurityPolicy'] }
