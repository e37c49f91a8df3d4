import { options, rateLimit } from './option-shapes.js'
import {
  always,
  caseless,
  duration,
  list,
  map,
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

const credential = {
  consumer: scalar(),
  scopes: set(),
  roles: set(),
  metadata: map(),
  notBefore: scalar(),
  expires: scalar(),
  id: scalar()
}

/** The keys of all kinds of schemes: no name means two things. */
const scheme = object({
  type: scalar(),
  forward: scalar(false),
  prefix: scalar(),
  keys: {
    kind: 'keyed',
    of: object({
      ...credential,
      hash: secret,
      secret,
      url: scalar(),
      discovery: scalar(),
      static: list(secret),
      refresh: duration('10m'),
      staleIfError: duration('24h'),
      cooldown: duration('30s'),
      timeout: duration('5s'),
      allowHttp: scalar(false),
      ca: scalar()
    }),
    // A list of keys, or the one place that they come from.
    key: (entry, index) => {
      const { id, hash, consumer } = (entry ?? {}) as Record<string, unknown>
      return String(id ?? hash ?? consumer ?? index)
    }
  },
  users: map(
    object({ ...credential, password: secret }, (value) =>
      typeof value === 'string' ? { password: value } : value
    )
  ),
  secrets: { kind: 'set', secret: true },
  clientSecret: secret,
  allow: list(object({ ...credential, uri: scalar(), dns: scalar(), email: scalar(), cn: scalar() })),
  issuer: set(),
  audience: set(),
  algorithms: set(),
  types: set(),
  clockSkew: duration('60s'),
  requiredClaims: set([]),
  maxLifetime: duration(),
  maxTokenSize: size('8KiB'),
  subject: scalar('sub'),
  identify: scalar('name'),
  clientAuth: scalar('basic'),
  maxRemembered: scalar(1000),
  concurrency: scalar(2),
  path: scalar('/'),
  appendPath: scalar(false),
  refresh: duration('10s'),
  timeout: duration('5s'),
  remember: duration('5m'),
  tolerance: duration('5m'),
  failMode: scalar('closed'),
  requestHeaders: names(['authorization', 'cookie']),
  responseHeaders: names([]),
  refusalHeaders: names(),
  allowHttp: scalar(false),
  body: size(),
  maxResponse: size('64KiB'),
  covers: set(),
  scopes: set(),
  roles: set(),
  cache: object({
    found: duration('1m'),
    notFound: duration('10s'),
    active: duration('1m'),
    inactive: duration('10s'),
    ttl: duration(),
    denied: duration('0ms'),
    by: set(),
    maxKeys: scalar(10_000),
    maxEntries: scalar(10_000),
    maxTokens: scalar(10_000)
  })
})

const authentication = always({
  schemes: map(scheme),
  consumers: map(object({ roles: set(), metadata: map(), subjects: map(set()) })),
  headers: map(),
  realm: scalar('gateway'),
  failures: always({ limit: scalar(30), window: duration('1m'), maxClients: scalar(100_000) })
})

const lint = always({
  failOn: scalar('never'),
  rules: map(),
  waivers: {
    kind: 'keyed',
    of: object({ id: scalar(), path: scalar(), reason: scalar(), expires: scalar() }),
    key: (entry) => {
      const { id, path } = (entry ?? {}) as Record<string, unknown>
      return `${id} ${path ?? ''}`
    }
  },
  invariants: {
    kind: 'keyed',
    of: object({
      name: scalar(),
      allowNone: scalar(false),
      where: object({
        path: scalar(),
        host: caseless(),
        method: set(),
        route: set(),
        pool: set(),
        action: set()
      }),
      require: map(set())
    }),
    key: (entry) => String((entry as { name?: unknown } | null)?.name)
  }
})

/** The top level, without pools, policies and routes. */
export const top: Shape = object({
  ...Object.fromEntries(
    ['securityHeaders', 'requireTls', 'cors', 'auth', 'authorize', 'filters', 'transform', 'compression'].map(
      (key) => [key, options[key] as Shape]
    )
  ),
  rateLimit,
  rateLimitStore: object({
    redis: { kind: 'url' },
    store: scalar(),
    prefix: scalar('gatewright:rate-limit:'),
    timeout: duration('50ms'),
    failures: scalar(5),
    retryAfter: duration('1s'),
    instances: scalar()
  }),
  paths: always({
    policy: scalar('reject'),
    encodedSlashes: scalar('reject'),
    duplicateSlashes: scalar('reject')
  }),
  nativeFirst: scalar('match'),
  trustedProxies: set([]),
  forwarded: scalar('x-forwarded'),
  via: scalar(),
  requestIdHeader: { kind: 'scalar', default: 'x-request-id', fold: (value) => String(value).toLowerCase() },
  reservedHeaders: names([]),
  underscores: scalar('reject'),
  deadlineHeader: scalar(),
  maxHeaders: scalar(100),
  maxUrlSize: size('8KiB'),
  reasonHeader: scalar(false),
  authentication,
  overload: orNone(
    object({
      mode: scalar('enforce'),
      maxEventLoopDelay: duration(),
      maxEventLoopUtilization: scalar(),
      maxHeapPercent: scalar(),
      sampleInterval: duration('500ms'),
      retryAfter: duration('1s')
    })
  ),
  metrics: orNone(
    object(
      {
        enabled: scalar(true),
        path: scalar('/metrics'),
        listener: scalar(),
        requireToken: scalar(false),
        tokenEnv: scalar('GW_METRICS_TOKEN'),
        maxLabelValues: scalar(2000),
        buckets: list(),
        slo: always({ availability: scalar(99.9), latency: duration('500ms'), latencyPercent: scalar(99) }),
        process: scalar(true)
      },
      on
    )
  ),
  flightRecorder: orNone(object({ recent: scalar(500), failures: scalar(500) }, on)),
  lint,
  accessLog: {
    ...object(
      {
        format: scalar('json'),
        destination: scalar(),
        successes: scalar(100),
        slow: duration(),
        query: scalar(false),
        redactQuery: set([]),
        headers: names([]),
        redactHeaders: names([]),
        maxBuffer: size('1MiB')
      },
      on
    ),
    always: true
  },
  listen: always({ port: scalar(8080), host: scalar() }),
  server: always({
    headersTimeout: duration('15s'),
    requestTimeout: duration('5m'),
    keepAliveTimeout: duration('72s'),
    halfClosedTimeout: duration('1s'),
    maxHeaderSize: size('16KiB'),
    pipelining: scalar(1),
    maxRequestsPerSocket: scalar(10_000)
  }),
  shutdown: always({ wait: duration(), drain: duration('30s'), signals: scalar(true) }),
  probes: object({ port: scalar(8085), host: scalar() }, on),
  hooks: map(list()),
  logger: scalar()
})
