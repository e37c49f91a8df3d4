// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.
import type { GatewayConfig, Duration, Size } from '@gatewright/core'

/** Where the gateway listens, if `listen()` is not told. */
export interface ListenConfig {
  /** The port. Default 8080; 0 for any free one. A whole number, 0 to 65535. */
  port?: number
  /** An address of this machine, or a name of it: 127.0.0.1, localhost. Default: all addresses, IPv4 and IPv6. */
  host?: string
}

/** Limits of the client side. */
export interface ListenerConfig {
  /** Time for a whole request head. Default 15s. Exceeded: 408 and the connection is closed. 50ms to 596h. */
  headersTimeout?: Duration
  /** Time for a whole request, body included. Default 5m. Longer uploads need more. Exceeded: 408 and the connection is closed. 1ms to 596h; 0ms: no limit but that for heads. */
  requestTimeout?: Duration
  /** How long an idle client connection is kept. Longer than a load balancer in front keeps its own, or reuse races with closing. Default 72s. 1ms to 596h; 0ms: no limit. */
  keepAliveTimeout?: Duration
  /** How long a client that has closed its sending side is waited for while nothing can be written to it: in HTTP/1.0, and within an answer that has fallen silent. Before the answer begins it is asked with a 100 (Continue) instead, and waited for as long as it is there. Default 1s. Exceeded: the connection is closed, and the upstream request aborted. 1ms to 596h; 0ms: such a client has left. */
  halfClosedTimeout?: Duration
  /** Largest request head. Default 16KiB. Exceeded: 431. */
  maxHeaderSize?: Size
  /** Requests of one client connection that are handled at one time, when a client sends some before it has the answers to others. Beyond 1, only GET, HEAD and OPTIONS run beside each other. Default 1: one after another. Danger of more: one client takes as many connections to endpoints. A whole number, 1 to 1000. */
  pipelining?: number
  /** Requests after which a client connection is closed. Default 10000; 0 for no limit. A whole number, 0 to 2147483647. */
  maxRequestsPerSocket?: number
}

/** Graceful shutdown. */
export interface ShutdownConfig {
  /** How long requests are still accepted after readiness has begun to fail, so that load balancers notice; from the middle of it on, answers say `Connection: close`. Default 10s with a probe listener (`probes`, or `metrics` on it), else 0ms. 1ms to 596h; 0ms: none. */
  wait?: Duration
  /** How long requests in flight may take after that. Then they are cut off, as an event stream always is; the log says how many. Default 30s. 1ms to 596h; 0ms: cut off at once. */
  drain?: Duration
  /** Shut down on SIGTERM and SIGINT, and exit with 0; a second signal forces it, and the process exits with 1. Default true. */
  signals?: boolean
}

/** /live and /ready on a listener of their own, and the metrics where they are on. Default: true with metrics, else false. At the address the gateway listens on, unless `host` says another. */
export type ProbesConfig = boolean | ProbesOptions

/** Where probes are answered. */
export interface ProbesOptions {
  /** The port. Default 8085; 0 for any free one. A whole number, 0 to 65535. */
  port?: number
  /** The address. Default: that of the gateway's own listener; localhost where that is a socket in the file system. Danger of another: whoever reaches it reads the metrics. */
  host?: string
}

/** The keys that only a server of the gateway’s own has. */
export interface ServerOptions {
  /** Where the gateway listens, if `listen()` is not told. */
  listen?: ListenConfig
  /** Limits of the client side. */
  server?: ListenerConfig
  /** Graceful shutdown. */
  shutdown?: ShutdownConfig
  /** /live and /ready on a listener of their own, and the metrics where they are on. Default: true with metrics, else false. At the address the gateway listens on, unless `host` says another. */
  probes?: ProbesConfig
  /** Fastify's logger option: false, true, pino options, or an object with a pino instance's methods. Default: pino at level info, whose lines have `level` by its name and `timestamp` like the access log's; where options have `transport`, `formatters` or `timestamp`, these decide. */
  logger?: boolean | object
}

/** The configuration of `createGateway`. `P` are its pool ids, `U` its policy ids. */
export interface GatewayServerConfig<P extends string = string, U extends string = string> extends GatewayConfig<P, U>, ServerOptions {}

export type { RateLimitConfig, RateLimitOptions, RateLimitStoreConfig, RateLimitStoreOptions } from '@gatewright/rate-limit'
export type { AdaptiveLimitConfig, ConcurrencyConfig, Importance, OverloadConfig } from '@gatewright/overload'
export type { HstsOptions, RequireTlsConfig, RequireTlsOptions, SecurityHeadersConfig, SecurityHeadersOptions } from '@gatewright/security-headers'
export type { CorsConfig, CorsOptions } from '@gatewright/cors'
export type { ApiKeyCacheConfig, ApiKeyConfig, ApiKeySchemeConfig, AuthConfig, AuthOptions, AuthenticationConfig, AuthorizeConfig, AuthorizeOptions, AuthorizeRule, BasicSchemeConfig, BasicUserConfig, ConsumerConfig, CustomSchemeConfig, FailureLimitConfig, ForwardCacheConfig, ForwardIdentityConfig, ForwardSchemeConfig, IntrospectionCacheConfig, IntrospectionSchemeConfig, JwtCacheConfig, JwtKeysConfig, JwtSchemeConfig, MtlsRuleConfig, MtlsSchemeConfig, SignatureKeyConfig, SignatureSchemeConfig, TokenPlace, WebhookFormatConfig, WebhookSchemeConfig } from '@gatewright/auth'
export type { ResponseValidation, ValidationConfig, ValidationOptions } from '@gatewright/validation'
export type { BreakerConfig, BreakerOptions } from '@gatewright/circuit-breaker'
export type { DiscoveryConfig, DnsDiscoveryConfig, FileDiscoveryConfig, SourceDiscoveryConfig } from '@gatewright/discovery'
export type { HealthConfig, OutlierConfig, SlowStartConfig, UnhealthyConfig } from '@gatewright/health'
export type { BackoffConfig, HedgeConfig, HedgeOptions, RetryConfig, RetryOptions } from '@gatewright/retry'
export type { ExtAuthzFilter, ExtAuthzHttpFilter, FilterBody, FilterBreaker, FilterTls, FiltersConfig, FunctionFilter, ServiceFilter, StructuredLoggerFilter } from '@gatewright/filters'
export type { CookieTransform, HeadersTransform, JsonOperation, LocationTransform, QueryTransform, RequestJsonOptions, RequestTransform, ResponseHeadersTransform, ResponseJsonOptions, ResponseTransform, TransformConfig, TransformOptions } from '@gatewright/transform'
export type { CompressionConfig, CompressionLevels, CompressionOptions } from '@gatewright/compression'
export type { MetricsConfig, MetricsOptions, ObjectivesConfig } from '@gatewright/metrics'
export type { FlightRecorderConfig, FlightRecorderOptions } from '@gatewright/flight-recorder'
export type { AccessLogConfig, AccessLogOptions } from '@gatewright/access-log'
