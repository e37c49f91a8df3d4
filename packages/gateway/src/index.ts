export {
  ACCESS_LOG_FIELDS,
  type AccessLogLine,
  type LogSink,
  lineOf,
  prettyLine
} from '@gatewright/access-log'
export {
  type ApiKeyEntry,
  type ApiKeyLookup,
  type AuthenticateFunction,
  type AuthenticateResult,
  type Authentication,
  type AuthorizeFunction,
  type AuthTerm,
  type ClaimCondition,
  type CreatedApiKey,
  createApiKey,
  hashApiKey,
  hashPassword,
  type SentApiKey
} from '@gatewright/auth'
export type { ConsistentHashOptions, PeakEwmaOptions, StickyOptions } from '@gatewright/balancing'
export type { Breakers, KeptBreakers } from '@gatewright/circuit-breaker'
export {
  type AddedReason,
  type Admission,
  type Applied,
  type ApplyOptions,
  type AttemptGate,
  type AttemptObserver,
  type AttemptRecord,
  type BalancingConfig,
  type BalancingContext,
  type BalancingName,
  type BalancingPolicies,
  type BalancingPolicy,
  type BalancingPolicyType,
  type CandidateFilter,
  type Candidates,
  type ConfigVersion,
  type Duration,
  defineKey,
  Endpoint,
  type EventCounter,
  type EventDescription,
  Exchange,
  type ExchangeFacts,
  type ExchangeObserver,
  type ExplainRequest,
  type Explanation,
  type Fact,
  type FactValue,
  type GatewayConfig,
  GatewayError,
  type GatewayEvents,
  type Gauge,
  type Identity,
  isUpstreamFault,
  type Key,
  type KeyDefinition,
  type KeyPlace,
  type NativeRouteConfig,
  type Origin,
  type PathlessRouteConfig,
  type PolicyConfig,
  Pool,
  type PoolConfig,
  type Reason,
  type ReasonDefinition,
  type ReasonInfo,
  type Reasons,
  type RetryPolicy,
  type RouteConfig,
  type RouteHandler,
  type RouteHooks
} from '@gatewright/core'
export type { CorsOrigin, CorsOriginFunction, CorsOrigins } from '@gatewright/cors'
export type { Flight, FlightRecorder } from '@gatewright/flight-recorder'
export type { BodyPredicate, EndpointReport, Health, HealthCheck, ProbeResult } from '@gatewright/health'
export type { LimitReport, Overload } from '@gatewright/overload'
export type {
  RateLimitCost,
  RateLimitCostAfter,
  RateLimiter,
  RateLimitKey,
  RateLimitKeyFunction,
  RateLimitReport,
  RateLimitRequest,
  RateLimitState,
  RateLimitStore,
  RedisClient,
  SingleRateLimitKey
} from '@gatewright/rate-limit'
export { fastifyStore, MemoryStore, RedisStore } from '@gatewright/rate-limit'
export type { ContentSecurityPolicy, DirectiveSources } from '@gatewright/security-headers'
export { type JsonFunction, type JsonTransform, transformJson } from '@gatewright/transform'
export type { Invalid, JsonSchema } from '@gatewright/validation'
export type * from './config/config.js'
export {
  createGateway,
  GatewayBuilder,
  type ListenOptions,
  type PoolTarget,
  type RouteTarget,
  type UpstreamUrl
} from './create-gateway.js'
export { type DefinedConfig, defineConfig } from './define-config.js'
export { LogOutput } from './log-output.js'
export { gateway as default, gateway } from './pipeline.js'
export type { GatewayPlugin, GatewayPluginOptions } from './plugin-types.js'
export { type ProbeStarter, type Probes, type Scraped, startProbes } from './probes.js'
export { REASONS } from './reasons.js'
export type { GatewaySeams } from './seams.js'
export type { ShutdownState, StopOptions, StopStage } from './shutdown.js'
