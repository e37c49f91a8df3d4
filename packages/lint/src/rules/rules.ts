import * as authentication from './authentication.js'
import * as authorization from './authorization.js'
import * as bodies from './bodies.js'
import * as breakers from './breakers.js'
import * as browsers from './browsers.js'
import * as connections from './connections.js'
import * as credentials from './credentials.js'
import * as exposure from './exposure.js'
import * as fallbacks from './fallbacks.js'
import * as filters from './filters.js'
import * as health from './health.js'
import * as policies from './policies.js'
import * as pools from './pools.js'
import * as rateLimits from './rate-limits.js'
import * as retries from './retries.js'
import * as conditions from './retry-conditions.js'
import * as retryTimes from './retry-times.js'
import * as routes from './routes.js'
import type { LintRule } from './rule.js'
import * as schemes from './schemes.js'
import * as server from './server.js'
import * as timeouts from './timeouts.js'
import * as upstreamTls from './upstream-tls.js'

/** All rules, by topic. */
export const LINT_RULES: readonly LintRule[] = [
  authentication.missingOnRoute,
  authentication.observeOnly,
  schemes.anyAudience,
  schemes.keysInPlain,
  schemes.tokenInQuery,
  schemes.failsOpen,
  schemes.cachedTooLong,
  schemes.clockSkew,
  schemes.unusedScheme,
  credentials.expiredKey,
  credentials.guessing,
  authorization.unknownScheme,
  authorization.unknownConsumer,
  authorization.forgeableAddress,
  upstreamTls.verificationOff,
  upstreamTls.servernameIsAddress,
  upstreamTls.mixedSchemes,
  upstreamTls.plainToPublic,
  credentials.redirected,
  exposure.metricsExposed,
  exposure.logsCredentials,
  exposure.portTaken,
  exposure.encodedSlashes,
  exposure.underscores,
  rateLimits.forgeableKey,
  rateLimits.exemptWithoutKey,
  rateLimits.openOnFailure,
  rateLimits.narrowPrefix,
  filters.failsOpen,
  filters.observeOnly,
  filters.slowerThanTotal,
  filters.plainTarget,
  browsers.plainOrigin,
  browsers.privateNetwork,
  browsers.nullOrigin,
  browsers.unsafePolicy,
  routes.regexRisk,
  routes.anyCharacter,
  routes.redirectLoop,
  routes.duplicateCase,
  policies.unused,
  policies.undone,
  pools.unreachable,
  pools.isGateway,
  health.probeEqualsTraffic,
  health.timeoutExceedsInterval,
  health.unsafeProbe,
  health.acceptsErrors,
  health.slowDetection,
  health.nobodyLooks,
  pools.ejectsAll,
  breakers.neverOpens,
  breakers.opensAtOnce,
  breakers.neverSlow,
  retries.noBudget,
  conditions.unsafeMethods,
  conditions.clientErrors,
  conditions.statusesUnused,
  conditions.neverRetries,
  conditions.bodyNotKept,
  retryTimes.backoffOrder,
  retryTimes.waitsLongerThanTotal,
  retryTimes.timeoutNeverRetried,
  breakers.hedgeTooLate,
  breakers.hedgeAlone,
  fallbacks.loop,
  fallbacks.neverHappens,
  timeouts.perTryExceedsTotal,
  timeouts.longerThanTotal,
  timeouts.off,
  timeouts.longerThanClientSide,
  timeouts.deadlineUnknown,
  connections.queueLongerThanTotal,
  connections.keptTooLong,
  connections.slowClients,
  server.headExceedsRequest,
  server.keptTooShort,
  server.drainTooShort,
  bodies.unchecked,
  bodies.neverReached,
  bodies.cookieWeakened,
  bodies.safeToUnsafe,
  bodies.slowCompression,
  bodies.crossSite
]
