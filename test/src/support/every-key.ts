// Long because it has every key of the configuration.
import type { GatewayServerConfig, PolicyConfig, PoolConfig } from '@gatewright/gateway'

/** A configuration with nearly every key in it, all of them right. Requests go to `url`. */
export function everyKey(url: string): GatewayServerConfig {
  const timeouts = {
    connect: '1s',
    tlsHandshake: '1s',
    firstByte: '1s',
    idle: '1s',
    requestIdle: '1s',
    perTry: '1s',
    total: '5s'
  } as const
  const retry: PoolConfig['retry'] = {
    mode: 'enforce',
    attempts: 2,
    methods: ['GET'],
    on: ['reset'],
    statuses: [502],
    backoff: { base: '1ms', max: '2ms' },
    maxRetryAfter: '1s',
    bufferBody: '1KiB',
    budgetPercent: 10,
    budgetMinPerSecond: 3
  }
  const circuitBreaker = {
    mode: 'enforce',
    errorThresholdPercent: 50,
    minRequests: 20,
    window: '10s',
    slowCall: '1s',
    slowCallThresholdPercent: 100,
    openDuration: '1s',
    maxOpenDuration: '2s',
    halfOpenRequests: 3,
    ramp: '1s'
  } as const
  const concurrency = {
    mode: 'enforce',
    max: 100,
    maxQueue: 10,
    queueTimeout: '1s',
    queueOrder: 'fifo',
    adaptive: { min: 10, initial: 50, window: '500ms', remeasure: '60s', tolerance: 1.5 }
  } as const
  const hedge = { mode: 'enforce', after: 'p95', minDelay: '5ms' } as const
  const validation: NonNullable<PolicyConfig['validation']> = {
    mode: 'enforce',
    body: { type: 'object', properties: { a: { type: 'string', pattern: '^[a-z]+$' } }, required: ['a'] },
    bodyRequired: false,
    otherMediaTypes: 'pass',
    query: { type: 'object', properties: { page: { type: 'integer', minimum: 1 } } },
    headers: { type: 'object', properties: { 'x-a': { type: 'string' } } },
    params: { type: 'object', properties: { id: { type: 'string' } } },
    coerce: true,
    maxBytes: '1KiB',
    maxErrors: 5,
    response: { mode: 'enforce', bodies: { '2xx': { type: 'object' } }, samplePercent: 50, maxBytes: '1KiB' }
  }
  const operations = [
    { pick: ['/a', '/b/*'] },
    { remove: ['/a/0'] },
    { rename: { '/a': 'c' } },
    { mask: ['/c'], with: '…', keepLast: 2 },
    { set: { '/d/e': ['{client}', 1, null, { f: true }] } },
    { add: { '/d/e/-': 2 } }
  ]
  const transform: NonNullable<PolicyConfig['transform']> = {
    request: { json: { operations, maxBytes: '1KiB', maxRatio: 10 } },
    response: { json: { operations, validators: 'drop', noTransform: 'override' } }
  }
  const browsers = {
    cors: {
      mode: 'enforce',
      origins: ['https://shop.example', 'https://*.shop.example', 'http://localhost:*'],
      methods: ['GET', 'PUT'],
      allowedHeaders: ['content-type'],
      exposedHeaders: ['x-total'],
      credentials: true,
      maxAge: '10m',
      privateNetwork: true,
      refuseOthers: true
    },
    securityHeaders: {
      contentSecurityPolicy: { 'img-src': ['self', 'https:'], 'object-src': false },
      contentSecurityPolicyReportOnly: "default-src 'self'",
      strictTransportSecurity: { maxAge: 60, includeSubDomains: false, preload: false },
      crossOriginOpenerPolicy: 'same-origin',
      crossOriginResourcePolicy: 'cross-origin',
      crossOriginEmbedderPolicy: 'credentialless',
      referrerPolicy: 'origin',
      permissionsPolicy: 'camera=()',
      xFrameOptions: 'DENY',
      xContentTypeOptions: true,
      originAgentCluster: false,
      xDnsPrefetchControl: 'on',
      xDownloadOptions: true,
      xPermittedCrossDomainPolicies: 'none',
      xXssProtection: false,
      upstream: 'replace',
      remove: ['server']
    },
    requireTls: { mode: 'observe', action: 'redirect', hosts: ['shop.example'], port: 8443 },
    compression: {
      encodings: ['gzip', 'br'],
      threshold: '2KiB',
      types: ['text/*', 'application/*+json'],
      levels: { br: 5, gzip: 6 },
      withSetCookie: false,
      crossSite: false
    }
  } as const
  return {
    logger: false,
    pools: {
      main: {
        endpoints: [{ url, weight: 1, authority: 'api.test', healthUrl: url }, `${url}/base`],
        balancing: { type: 'consistent-hash', key: 'header:x-user', boundedLoad: 1.25 },
        timeouts,
        connections: { max: 10, keepAlive: '4s', maxQueue: 10, queueTimeout: '1s', maxRequests: 100 },
        health: {
          protocol: 'http',
          path: '/live',
          method: 'GET',
          headers: { 'x-probe': 'yes' },
          interval: '60s',
          timeout: '1s',
          fastInterval: '60s',
          expectedStatus: '200-399',
          degradedStatus: '429',
          expectedBody: 'x',
          healthyThreshold: 2,
          unhealthyThreshold: 3,
          concurrency: 8
        },
        outlierDetection: {
          mode: 'enforce',
          consecutiveErrors: 5,
          consecutiveGatewayErrors: 5,
          consecutiveLocalErrors: 5,
          errorRatePercent: 50,
          latencyFactor: 3,
          minRequests: 20,
          window: '10s',
          ejection: '30s',
          maxEjection: '5m',
          maxEjectionPercent: 50
        },
        slowStart: { window: '10s', aggression: 1, minWeightPercent: 10 },
        unhealthy: { policy: 'all', panicThresholdPercent: 50 },
        circuitBreaker,
        retry,
        hedge,
        concurrency
      },
      spare: {
        endpoints: [url],
        balancing: { type: 'peak-ewma', decay: '10s', assumed: '5ms', penalty: '1s' }
      },
      secure: {
        endpoints: ['https://127.0.0.1:1'],
        tls: { servername: 'api.test', minVersion: 'TLSv1.3', insecureBecause: 'nothing is sent there' }
      },
      sticky: {
        endpoints: [url],
        balancing: { type: 'sticky', secret: 's'.repeat(32), cookie: 'gw', maxAge: '1h' }
      },
      found: {
        endpoints: [url],
        discovery: {
          dns: 'localhost',
          type: 'A',
          port: 80,
          protocol: 'http',
          authority: 'api.test',
          server: '127.0.0.1:9',
          minRefresh: '5s',
          maxRefresh: '5m'
        }
      }
    },
    policies: { calm: { timeout: '5s', retry: 'safe', importance: 'bulk' } },
    routes: [
      {
        id: 'main',
        path: '/main/:id/*',
        host: ['api.test', '*.example.com'],
        methods: ['GET', 'POST'],
        headers: { 'x-a': { prefix: 'a', not: true }, 'x-b': { exists: false } },
        query: { q: { regex: '[a-z]+', not: true } },
        priority: 1,
        caseSensitive: true,
        trailingSlash: 'strict',
        use: ['calm'],
        pool: 'main',
        timeouts,
        bodyLimit: '1MiB',
        preserveHost: false,
        rewrite: { stripPrefix: '/main', addPrefix: '/v1' },
        retry,
        hedge,
        circuitBreaker,
        concurrency,
        importance: 'critical',
        fallback: { on: ['no_endpoint'], pool: 'spare' }
      },
      { path: '/set/:id', pool: 'spare', rewrite: { set: '/users/:id' }, validation, transform, ...browsers },
      {
        path: '~^/v[0-9]+/',
        pool: 'found',
        rewrite: { regex: { pattern: '^/v([0-9]+)', replacement: '/$1' } }
      },
      {
        path: '/old/*',
        redirect: { scheme: 'https', host: 'new.test', port: 8443, path: '/new', status: 308 }
      },
      { path: '/fixed', respond: { status: 200, headers: { 'x-a': 'b' }, body: 'fixed' } },
      {
        path: '/*',
        pool: 'sticky',
        fallback: { on: ['no_endpoint'], respond: { status: 503, headers: { 'x-a': 'b' }, body: 'later' } }
      }
    ],
    paths: { policy: 'reject', encodedSlashes: 'reject', duplicateSlashes: 'reject' },
    trustedProxies: ['10.0.0.0/8'],
    forwarded: 'both',
    via: 'gateway',
    requestIdHeader: 'x-request-id',
    reservedHeaders: ['x-user'],
    underscores: 'reject',
    overload: {
      mode: 'observe',
      maxEventLoopDelay: '10s',
      maxEventLoopUtilization: 100,
      maxHeapPercent: 100,
      sampleInterval: '500ms',
      retryAfter: '1s'
    },
    accessLog: {
      format: 'json',
      destination: '/dev/null',
      successes: 100,
      slow: '1s',
      query: true,
      redactQuery: ['a'],
      headers: ['user-agent'],
      redactHeaders: ['x-a'],
      maxBuffer: '64KiB'
    },
    metrics: {
      enabled: true,
      path: '/metrics',
      listener: 'app',
      requireToken: false,
      tokenEnv: 'GATEWRIGHT_METRICS_TOKEN',
      maxLabelValues: 100,
      buckets: [0.1, 1],
      slo: { availability: 99.9, latency: '500ms', latencyPercent: 99 },
      process: false
    },
    flightRecorder: { recent: 10, failures: 10 },
    deadlineHeader: 'x-deadline-ms',
    maxHeaders: 100,
    maxUrlSize: '8KiB',
    reasonHeader: true,
    server: {
      headersTimeout: '15s',
      requestTimeout: '5m',
      keepAliveTimeout: '72s',
      maxHeaderSize: '16KiB',
      maxRequestsPerSocket: 10_000
    },
    shutdown: { wait: '0ms', drain: '1s', signals: false },
    probes: { port: 0, host: '127.0.0.1' }
  }
}
