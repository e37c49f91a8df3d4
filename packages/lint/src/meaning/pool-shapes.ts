import {
  always,
  caseless,
  duration,
  fields,
  mode,
  object,
  on,
  orNone,
  type Shape,
  scalar,
  secret,
  set,
  size
} from './shape.js'

/** `timeouts`, with what they are where nothing is said. */
export const timeouts: Shape = always({
  connect: duration('5s'),
  tlsHandshake: duration('5s'),
  firstByte: duration('30s'),
  idle: duration('60s'),
  requestIdle: duration('30s'),
  perTry: duration('0ms'),
  total: duration('0ms')
})

/** `concurrency`. */
export const concurrency: Shape = object({
  mode,
  max: scalar(),
  maxQueue: scalar(0),
  queueTimeout: duration('1s'),
  queueOrder: scalar('fifo'),
  adaptive: object(
    {
      min: scalar(10),
      initial: scalar(50),
      window: duration('500ms'),
      remeasure: duration('60s'),
      tolerance: scalar(1.5)
    },
    on
  )
})

/** `circuitBreaker`. */
export const circuitBreaker: Shape = object(
  {
    mode,
    errorThresholdPercent: scalar(50),
    minRequests: scalar(20),
    window: duration('10s'),
    slowCall: duration('0ms'),
    slowCallThresholdPercent: scalar(100),
    openDuration: duration('30s'),
    maxOpenDuration: duration('5m'),
    halfOpenRequests: scalar(3),
    ramp: duration('0ms')
  },
  on
)

/** `retry`. */
export const retry: Shape = object(
  {
    mode,
    attempts: scalar(2),
    methods: set(['idempotent']),
    on: set(['connect_failure', 'reset', 'timeout', 'status']),
    statuses: set([502, 503, 504]),
    backoff: always({ base: duration('25ms'), max: duration('250ms') }),
    maxRetryAfter: duration('1s'),
    bufferBody: size('64KiB'),
    budgetPercent: scalar(10),
    budgetMinPerSecond: scalar(3)
  },
  (value) => (typeof value === 'string' ? { methods: value } : value)
)

/** `hedge`. */
export const hedge: Shape = object({ mode, after: duration(), minDelay: duration('5ms') })

const endpoint = object(
  { url: { kind: 'url' }, weight: scalar(1), authority: caseless(), healthUrl: { kind: 'url' } },
  (value) => (typeof value === 'string' ? { url: value } : value)
)

const balancing: Shape = object(
  {
    type: scalar('p2c'),
    secret,
    decay: duration('10s'),
    assumed: duration('1s'),
    penalty: duration('5s'),
    maxAge: duration()
  },
  (value) => (typeof value === 'string' ? { type: value } : value)
)

const health = object({
  protocol: scalar('http'),
  path: scalar('/'),
  method: scalar('GET'),
  headers: fields,
  service: scalar(''),
  interval: duration('10s'),
  timeout: duration('2s'),
  fastInterval: duration('1s'),
  expectedStatus: scalar('200-399'),
  degradedStatus: scalar(''),
  expectedBody: scalar(),
  healthyThreshold: scalar(2),
  unhealthyThreshold: scalar(3),
  concurrency: scalar(8)
})

const outlierDetection: Shape = always({
  mode,
  consecutiveErrors: scalar(5),
  consecutiveGatewayErrors: scalar(0),
  consecutiveLocalErrors: scalar(5),
  errorRatePercent: scalar(0),
  latencyFactor: scalar(0),
  minRequests: scalar(20),
  window: duration('10s'),
  ejection: duration('30s'),
  maxEjection: duration('5m'),
  maxEjectionPercent: scalar(50)
})

/** A pool. */
export const pool: Shape = object({
  endpoints: { kind: 'keyed', of: endpoint, key: urlOf },
  balancing: { ...balancing, always: true } as Shape,
  timeouts,
  connections: always({
    max: scalar(1024),
    perClient: scalar(0),
    keepAlive: duration('4s'),
    maxQueue: scalar(1024),
    queueTimeout: duration('1s'),
    minRate: size('1KiB'),
    maxRequests: scalar(0)
  }),
  tls: object({
    ca: set(),
    cert: scalar(),
    key: secret,
    servername: caseless(),
    minVersion: scalar('TLSv1.2'),
    insecureBecause: scalar()
  }),
  concurrency: orNone(concurrency),
  circuitBreaker: orNone(circuitBreaker),
  discovery: object({
    dns: caseless(),
    type: scalar('A'),
    port: scalar(),
    protocol: scalar('http'),
    authority: caseless(),
    server: scalar(),
    minRefresh: duration('5s'),
    maxRefresh: duration('5m')
  }),
  health: orNone(health),
  outlierDetection,
  slowStart: orNone(object({ window: duration(), aggression: scalar(1), minWeightPercent: scalar(10) })),
  unhealthy: always({ policy: scalar('trickle'), panicThresholdPercent: scalar(0) }),
  retry: orNone(retry),
  hedge: orNone(hedge)
})

// The same endpoint in another spelling: a slash at the end, upper case, the usual port.
function urlOf(entry: unknown): string {
  const url = typeof entry === 'string' ? entry : (entry as { url?: unknown } | null)?.url
  return typeof url === 'string' && URL.canParse(url) ? new URL(url).href : String(url)
}
