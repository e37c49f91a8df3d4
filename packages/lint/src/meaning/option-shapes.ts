import { waysIn } from '../view/auth.js'
import { circuitBreaker, concurrency, hedge, retry, timeouts } from './pool-shapes.js'
import {
  duration,
  fields,
  list,
  map,
  mode,
  names,
  object,
  on,
  orNone,
  type Shape,
  scalar,
  secret,
  set,
  size
} from './shape.js'
import { transform } from './transform-shapes.js'

const respond = object({ status: scalar(200), headers: fields, body: scalar() })

const limit = object({
  mode,
  name: scalar('default'),
  requestsPerSecond: scalar(),
  burst: scalar(),
  concurrent: scalar(),
  limit: scalar(),
  window: duration(),
  algorithm: scalar('token-bucket'),
  key: scalar('client'),
  withoutKey: scalar('by-client'),
  ipv6Prefix: scalar(64),
  cost: scalar(1),
  costAfter: scalar(),
  store: scalar(),
  onStoreFailure: scalar('local'),
  headers: scalar('draft'),
  maxKeys: scalar(100_000)
})

/** `rateLimit`: one limit, or a list of limits that are told apart by their names. */
export const rateLimit: Shape = {
  kind: 'keyed',
  of: limit,
  key: (entry) => String((entry as { name?: unknown } | null)?.name ?? 'default')
}

const securityHeaders = object(
  {
    contentSecurityPolicy: scalar(),
    contentSecurityPolicyReportOnly: scalar(),
    strictTransportSecurity: {
      kind: 'object',
      always: true,
      keys: { maxAge: scalar(31_536_000), includeSubDomains: scalar(true), preload: scalar(false) }
    },
    crossOriginOpenerPolicy: scalar('same-origin'),
    crossOriginResourcePolicy: scalar('same-origin'),
    crossOriginEmbedderPolicy: scalar(),
    referrerPolicy: scalar('no-referrer'),
    permissionsPolicy: scalar(),
    xFrameOptions: scalar('SAMEORIGIN'),
    xContentTypeOptions: scalar(true),
    originAgentCluster: scalar(true),
    xDnsPrefetchControl: scalar('off'),
    xDownloadOptions: scalar(true),
    xPermittedCrossDomainPolicies: scalar('none'),
    xXssProtection: scalar(true),
    upstream: scalar('keep'),
    remove: names(['x-powered-by'])
  },
  on
)

const requireTls = object({ mode, action: scalar(), hosts: names(), port: scalar(443) }, (value) =>
  typeof value === 'string' ? { action: value } : value
)

const cors = object({
  mode,
  origins: set(),
  methods: set(),
  allowedHeaders: names(),
  exposedHeaders: names([]),
  credentials: scalar(false),
  maxAge: duration(),
  privateNetwork: scalar(false),
  refuseOthers: scalar(false)
})

const auth = object(
  {
    mode,
    ways: { kind: 'scalar', fold: waysIn, ofObject: true },
    optional: scalar(false),
    default: scalar()
  },
  withWays
)

const rule = {
  scopes: set(),
  roles: set(),
  consumers: set(),
  subjects: set(),
  schemes: set(),
  claims: map(set()),
  metadata: map(set()),
  methods: set(),
  clients: set(),
  check: scalar()
}

const authorize = object({ mode, ...rule, any: list(object(rule)) })

const validation = object({
  mode,
  body: scalar(),
  bodyRequired: scalar(true),
  otherMediaTypes: scalar('reject'),
  query: scalar(),
  headers: scalar(),
  params: scalar(),
  coerce: scalar(true),
  maxBytes: size('1MiB'),
  maxErrors: scalar(10),
  response: object({
    mode: scalar('observe'),
    bodies: map(),
    samplePercent: scalar(100),
    maxBytes: size('1MiB')
  })
})

const filter = object({
  mode,
  failMode: scalar('closed'),
  timeout: duration('50ms'),
  writes: names(),
  breaker: { kind: 'object', always: true, keys: { failures: scalar(10), openDuration: duration('5s') } },
  body: object({ maxBytes: size(), partial: scalar(false), raw: scalar(false) }),
  allowedHeaders: names(),
  disallowedHeaders: names([]),
  headersToAdd: fields,
  metadata: fields,
  allowedUpstreamHeaders: names([]),
  allowedClientHeaders: names([]),
  allowedClientHeadersOnSuccess: names([]),
  phases: scalar('request'),
  maxMessage: size('64KiB'),
  keepAlive: duration('0ms'),
  tls: object({ ca: set(), cert: scalar(), key: secret, servername: scalar() }),
  headers: names(),
  level: scalar('info')
})

const compression = object(
  {
    encodings: list(),
    threshold: size('1KiB'),
    types: set(),
    levels: { kind: 'object', always: true, keys: { br: scalar(4), gzip: scalar(6), zstd: scalar(3) } },
    withSetCookie: scalar(false),
    crossSite: scalar(false)
  },
  on
)

/** What policies and routes may say, but for `timeout` and `timeouts`. */
export const options: Readonly<Record<string, Shape>> = {
  pool: scalar(),
  bodyLimit: size('10MiB'),
  preserveHost: scalar(false),
  rewrite: object({
    stripPrefix: scalar(),
    addPrefix: scalar(),
    set: scalar(),
    regex: object({ pattern: scalar(), replacement: scalar() })
  }),
  fallback: orNone(
    object({
      on: set(['circuit_open', 'no_endpoint', 'upstream_connect_failed']),
      pool: scalar(),
      respond,
      handler: scalar()
    })
  ),
  rateLimit,
  concurrency,
  importance: scalar('default'),
  securityHeaders: orNone(securityHeaders),
  requireTls: orNone(requireTls),
  cors: orNone(cors),
  auth: orNone(auth),
  authorize: orNone(authorize),
  validation: orNone(validation),
  circuitBreaker,
  retry: orNone(retry),
  hedge: orNone(hedge),
  filters: { kind: 'keyed', of: filter, ordered: true, key: nameOfFilter },
  transform,
  compression: orNone(compression)
}

/** A policy, or the options of a route. */
export const policy: Shape = object({ ...options, timeouts })

/** What a route says besides. */
export const routeOwn: Readonly<Record<string, Shape>> = {
  redirect: object({ scheme: scalar(), host: scalar(), port: scalar(), path: scalar(), status: scalar(302) }),
  respond,
  handler: scalar()
}

// `'a'`, `{ any: ['a'] }` and `{ all: ['a'] }` are one.
function withWays(value: unknown): unknown {
  if (typeof value === 'string') return { ways: value }
  if (typeof value !== 'object' || value === null) return value
  const { any, all, ...others } = value as { readonly any?: unknown; readonly all?: unknown }
  if (any !== undefined) return { ...others, ways: { any } }
  return all === undefined ? value : { ...others, ways: { all } }
}

function nameOfFilter(entry: unknown): string {
  const { name, type } = (entry ?? {}) as { readonly name?: unknown; readonly type?: unknown }
  return String(name ?? type)
}
