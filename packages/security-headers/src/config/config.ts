// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.
import type { ContentSecurityPolicy } from '../content-security-policy.js'

declare module '@gatewright/core' {
  interface GatewayConfig<P extends string = string, U extends string = string> {
    /** Security headers of every response, the gateway's own too: true for Helmet's defaults. At the top it holds for all routes that say nothing, and for what no route takes. Default: false. */
    securityHeaders?: SecurityHeadersConfig
    /** Requests that have not come by TLS are redirected or refused, before anything else but limits. Whether a request has, is told by its connection, or by proxies in `trustedProxies`. At the top it holds for all routes that say nothing, and for what no route takes. Danger behind a load balancer that ends TLS and is not in `trustedProxies`: every request seems to be without. Default: false. */
    requireTls?: RequireTlsConfig
  }
  interface PolicyConfig<P extends string = string> {
    /** Security headers of every response, the gateway's own too: true for Helmet's defaults. At the top it holds for all routes that say nothing, and for what no route takes. Default: false. */
    securityHeaders?: SecurityHeadersConfig
    /** Requests that have not come by TLS are redirected or refused, before anything else but limits. Whether a request has, is told by its connection, or by proxies in `trustedProxies`. At the top it holds for all routes that say nothing, and for what no route takes. Danger behind a load balancer that ends TLS and is not in `trustedProxies`: every request seems to be without. Default: false. */
    requireTls?: RequireTlsConfig
  }
  interface PathlessRouteConfig<P extends string = string, U extends string = string> {
    /** Security headers of every response, the gateway's own too: true for Helmet's defaults. At the top it holds for all routes that say nothing, and for what no route takes. Default: false. */
    securityHeaders?: SecurityHeadersConfig
    /** Requests that have not come by TLS are redirected or refused, before anything else but limits. Whether a request has, is told by its connection, or by proxies in `trustedProxies`. At the top it holds for all routes that say nothing, and for what no route takes. Danger behind a load balancer that ends TLS and is not in `trustedProxies`: every request seems to be without. Default: false. */
    requireTls?: RequireTlsConfig
  }
  interface NativeRouteConfig<P extends string = string, U extends string = string> {
    /** Security headers of every response, the gateway's own too: true for Helmet's defaults. At the top it holds for all routes that say nothing, and for what no route takes. Default: false. */
    securityHeaders?: SecurityHeadersConfig
    /** Requests that have not come by TLS are redirected or refused, before anything else but limits. Whether a request has, is told by its connection, or by proxies in `trustedProxies`. At the top it holds for all routes that say nothing, and for what no route takes. Danger behind a load balancer that ends TLS and is not in `trustedProxies`: every request seems to be without. Default: false. */
    requireTls?: RequireTlsConfig
  }
}

/** Security headers of every response, the gateway's own too: true for Helmet's defaults. At the top it holds for all routes that say nothing, and for what no route takes. Default: false. */
export type SecurityHeadersConfig = SecurityHeadersOptions | boolean

/** Headers that make browsers careful. */
export interface SecurityHeadersOptions {
  /** Content-Security-Policy: directives over Helmet's defaults, by name ({ 'img-src': ['self', 'https:'] }; false leaves one out), the whole as text, or false. upgrade-insecure-requests is left out for clients without TLS. Danger of the default: pages whose upstream has no policy of its own lose their inline scripts. */
  contentSecurityPolicy?: ContentSecurityPolicy
  /** Content-Security-Policy-Report-Only: browsers tell what they would have blocked. As `contentSecurityPolicy`, without defaults beneath. Default: none. */
  contentSecurityPolicyReportOnly?: ContentSecurityPolicy
  /** Strict-Transport-Security, to clients that have come by TLS, as trusted proxies tell. Default: a year, with subdomains. */
  strictTransportSecurity?: HstsOptions | false
  /** Cross-Origin-Opener-Policy. Default same-origin. */
  crossOriginOpenerPolicy?: 'same-origin' | 'same-origin-allow-popups' | 'noopener-allow-popups' | 'unsafe-none' | false
  /** Cross-Origin-Resource-Policy: whose pages may embed it. Default same-origin. Danger: images and scripts for other sites need cross-origin; CORS does not make up for it. */
  crossOriginResourcePolicy?: 'same-origin' | 'same-site' | 'cross-origin' | false
  /** Cross-Origin-Embedder-Policy. Default: none. */
  crossOriginEmbedderPolicy?: 'require-corp' | 'credentialless' | 'unsafe-none' | false
  /** Referrer-Policy. Default no-referrer. */
  referrerPolicy?: 'no-referrer' | 'no-referrer-when-downgrade' | 'origin' | 'origin-when-cross-origin' | 'same-origin' | 'strict-origin' | 'strict-origin-when-cross-origin' | 'unsafe-url' | false
  /** Permissions-Policy, such as camera=(), geolocation=(self). Default: none. */
  permissionsPolicy?: string | false
  /** X-Frame-Options. Default SAMEORIGIN. */
  xFrameOptions?: 'DENY' | 'SAMEORIGIN' | false
  /** X-Content-Type-Options: nosniff. Default true. */
  xContentTypeOptions?: boolean
  /** Origin-Agent-Cluster: ?1. Default true. */
  originAgentCluster?: boolean
  /** X-DNS-Prefetch-Control. Default off. */
  xDnsPrefetchControl?: 'on' | 'off' | false
  /** X-Download-Options: noopen. Default true. */
  xDownloadOptions?: boolean
  /** X-Permitted-Cross-Domain-Policies. Default none. */
  xPermittedCrossDomainPolicies?: 'none' | 'master-only' | 'by-content-type' | 'all' | false
  /** X-XSS-Protection: 0, which switches off a filter with holes of its own. Default true. */
  xXssProtection?: boolean
  /** Where the upstream sends one of these headers itself: 'keep' its value (default) or 'replace' it. What a hook of yours sets stays in either case. */
  upstream?: 'keep' | 'replace'
  /** Headers of the upstream's that are removed, such as server. Default: x-powered-by. */
  remove?: readonly string[]
}

/** Strict-Transport-Security (RFC 6797). */
export interface HstsOptions {
  /** For how many seconds browsers use TLS only. Default 31536000, a year; 0 ends it. A whole number, 0 to 315360000. */
  maxAge?: number
  /** Subdomains too. Default true. Danger: those without TLS cannot be reached any more. */
  includeSubDomains?: boolean
  /** Asks to be in the lists that browsers bring along. Default false. Danger: it takes months to get out. */
  preload?: boolean
}

/** Requests that have not come by TLS are redirected or refused, before anything else but limits. Whether a request has, is told by its connection, or by proxies in `trustedProxies`. At the top it holds for all routes that say nothing, and for what no route takes. Danger behind a load balancer that ends TLS and is not in `trustedProxies`: every request seems to be without. Default: false. */
export type RequireTlsConfig = 'redirect' | 'refuse' | RequireTlsOptions | false

/** What happens to requests without TLS. */
export interface RequireTlsOptions {
  /** 'enforce' (default) acts; 'observe' only reports what it would have done (event `observed`, `exchange.observed`) and admits every request. */
  mode?: 'enforce' | 'observe'
  /** 'redirect': 308 to the same URL with https; 'refuse': 403 tls_required. For an API, refuse: a redirect hides that the client has sent its credentials in plain. */
  action: 'redirect' | 'refuse'
  /** Hosts to which a redirect may lead, such as shop.example or *.shop.example. Default: the hosts of the route, which then must have some. Others get 403. */
  hosts?: readonly string[]
  /** The port of https. Default 443. A whole number, 1 to 65535. */
  port?: number
}
