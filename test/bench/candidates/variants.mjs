import { generateKeyPairSync, sign } from 'node:crypto'
import { join } from 'node:path'

const five = (index) => String(index).padStart(5, '0')

/** The gateway of the comparisons: safe defaults, two endpoints, no log. Every variant starts from it. */
function bare(endpoints) {
  return {
    pools: { main: { endpoints } },
    routes: [{ path: '/*', pool: 'main' }],
    accessLog: false,
    logger: false
  }
}

/** The defaults of `createGateway`, but for where the access log goes. */
function withLog(endpoints) {
  const { pools, routes } = bare(endpoints)
  return { pools, routes, accessLog: { destination: join(process.env.HOME, 'access.log') } }
}

function withRoute(options) {
  return (endpoints) => ({ ...bare(endpoints), routes: [{ path: '/*', pool: 'main', ...options }] })
}

function withGateway(options) {
  return (endpoints) => ({ ...bare(endpoints), ...options })
}

function withBalancing(balancing) {
  return (endpoints) => ({ ...bare(endpoints), pools: { main: { endpoints, balancing } } })
}

// `load/wrk.lua` makes the same names of paths and hosts.
function withTable({ routes, hosts, tied }) {
  return (endpoints) => ({
    ...bare(endpoints),
    routes: Array.from({ length: routes }, (_, index) => ({
      path: `/route-${five(index)}/*`,
      pool: 'main',
      ...(tied ? { host: `host-${five(index % hosts)}.example.test` } : {})
    }))
  })
}

// The load sends no token: a hook puts it where a client's would be.
function withToken(route) {
  return (endpoints) => {
    const { token, publicKey } = signedToken()
    const present = async (app) => {
      app.addHook('onRequest', (request, _reply, done) => {
        request.raw.headers.authorization = token
        done()
      })
    }
    // For the gateway's own scope.
    present[Symbol.for('skip-override')] = true
    return {
      ...bare(endpoints),
      authentication: {
        schemes: {
          tokens: {
            type: 'jwt',
            issuer: 'https://login.example',
            audience: 'bench',
            keys: { static: [publicKey] }
          }
        },
        headers: { 'x-user': 'subject' }
      },
      routes: [{ path: '/*', pool: 'main', auth: 'tokens', ...route }],
      plugins: [present]
    }
  }
}

function signedToken() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const exp = Math.floor(Date.now() / 1_000) + 86_400
  const claims = { iss: 'https://login.example', aud: 'bench', sub: 'ada', scope: 'read', exp }
  const signed = `${part({ alg: 'ES256' })}.${part(claims)}`
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return {
    token: `Bearer ${signed}.${signature.toString('base64url')}`,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' })
  }
}

const passing = async () => {}

const headerTransforms = {
  request: { headers: { set: { 'x-route': '{route}' }, remove: ['x-debug'] } },
  response: { headers: { set: { 'x-request-id': '{requestId}' }, remove: ['x-powered-by'] } }
}

/** What can be switched on, one thing at a time. */
export const switches = {
  metrics: withGateway({ metrics: { listener: 'app' } }),
  'access log to a file': (endpoints) => ({
    ...bare(endpoints),
    accessLog: { destination: join(process.env.HOME, 'access.log') }
  }),
  'rate limit by client': withRoute({ rateLimit: { requestsPerSecond: 1_000_000, burst: 1_000_000 } }),
  'JWT, remembered': withToken({}),
  'all policies': withToken({
    rateLimit: { requestsPerSecond: 1_000_000, burst: 1_000_000, key: 'subject' },
    authorize: { scopes: ['read'] },
    cors: { origins: ['https://shop.example'], credentials: true },
    securityHeaders: true,
    transform: headerTransforms
  }),
  'header transforms': withRoute({ transform: headerTransforms }),
  'JSON of responses masked': withRoute({
    transform: { response: { json: [{ mask: ['/password'] }, { remove: ['/internal'] }] } }
  }),
  'cors for one origin': withRoute({ cors: { origins: ['https://shop.example'], credentials: true } }),
  'security headers': withRoute({ securityHeaders: true }),
  'compression, not asked for': withRoute({ compression: true }),
  'validation of the query': withRoute({
    validation: { query: { type: 'object', additionalProperties: false } }
  }),
  'filter, a function': withRoute({
    filters: [{ type: 'function', name: 'passing', request: () => undefined }]
  }),
  // The service runs in the gateway's own process, so what it costs is in the figure.
  'filter, ext_authz over gRPC': async (endpoints) => {
    const { serveFilters } = await import('@gatewright/filters/server')
    const { url } = await serveFilters({ check: () => ({ headers: { 'x-user': 'ada' } }) })
    return withRoute({
      filters: [{ type: 'ext_authz', target: url, timeout: '5s', writes: ['x-user'] }]
    })(endpoints)
  },
  'flight recorder': withGateway({ flightRecorder: true }),
  'tracing without an SDK': async (endpoints) => {
    // Loaded here, so that no other variant's start pays for it.
    const { tracing } = await import('@gatewright/tracing')
    return { ...bare(endpoints), plugins: [tracing] }
  },
  'via, both forwarded': withGateway({ via: 'bench', forwarded: 'both' }),
  'reason header': withGateway({ reasonHeader: true }),
  'trusted proxies': withGateway({ trustedProxies: ['127.0.0.0/8', '10.0.0.0/8', '2001:db8::/32'] }),
  'route hooks': withRoute({ hooks: { onRequest: passing, preHandler: passing, onSend: passing } }),
  'path rewrite': withRoute({ rewrite: { addPrefix: '/json' } }),
  'total timeout': withRoute({ timeout: '30s' }),
  'preserve host': withRoute({ preserveHost: true }),
  'no body limit': withRoute({ bodyLimit: false }),
  'all of resilience': (endpoints) => ({
    ...bare(endpoints),
    pools: {
      main: {
        endpoints,
        health: { interval: '1s' },
        outlierDetection: { errorRatePercent: 50, latencyFactor: 5 },
        slowStart: { window: '10s' },
        circuitBreaker: { slowCall: '1s' },
        concurrency: { max: 1000, maxQueue: 100 }
      }
    },
    routes: [
      {
        path: '/*',
        pool: 'main',
        retry: 'idempotent',
        hedge: { after: '500ms' },
        concurrency: { max: 900, maxQueue: 100 },
        timeouts: { perTry: '5s', total: '10s' }
      }
    ],
    overload: { maxEventLoopDelay: '1s', maxHeapPercent: 95 }
  })
}

/** Everything at once: what a team would run that switches all on. */
switches['everything on'] = (endpoints) => ({
  ...switches['all of resilience'](endpoints),
  accessLog: switches['access log to a file'](endpoints).accessLog,
  metrics: { listener: 'app' },
  flightRecorder: true
})

/** Balancing policies. */
export const policies = {
  p2c: withBalancing('p2c'),
  'peak-ewma': withBalancing('peak-ewma'),
  'least-connections': withBalancing('least-connections'),
  'round-robin': withBalancing('round-robin')
}

// Timeouts of the pool and the route alternate, beside so many routes that nobody asks for.
function withChanges(everyMs, others) {
  return (endpoints) => {
    const version = (seconds) => ({
      ...bare(endpoints),
      pools: { main: { endpoints, timeouts: { firstByte: `${seconds}s` } } },
      routes: [
        { path: '/*', pool: 'main', timeouts: { total: `${seconds}s` } },
        ...Array.from({ length: others }, (_, index) => ({ path: `/route-${five(index)}/*`, pool: 'main' }))
      ]
    })
    async function changes(app) {
      let number = 0
      app.addHook('onListen', async () => {
        const change = () => app.gateway.apply(version(30 + (++number % 2)))
        setInterval(change, everyMs).unref()
      })
    }
    return { ...version(30), plugins: [Object.assign(changes, { [Symbol.for('skip-override')]: true })] }
  }
}

/** How often the configuration changes, and with how many routes. */
export const reloads = {
  'changed every second': withChanges(1_000, 0),
  'changed every 100 ms': withChanges(100, 0),
  '1,000 routes, changed every second': withChanges(1_000, 1_000)
}

/** Sizes of route tables. Requests name `hosts` hosts; `tied`: each route belongs to one of them. */
export const tables = {
  '10 routes': { routes: 10, hosts: 1_000, tied: false },
  '10,000 routes': { routes: 10_000, hosts: 1_000, tied: false },
  '10,000 routes on 1,000 hosts': { routes: 10_000, hosts: 1_000, tied: true }
}

const withTables = Object.entries(tables).map(([name, table]) => [name, withTable(table)])

/**
 * Every configuration of the gateway that a case may ask for: endpoints → options of `createGateway` and `plugins`, or a
 * promise of them.
 */
export const variants = {
  bare,
  'bare again': bare,
  'with its log': withLog,
  ...switches,
  ...policies,
  ...reloads,
  ...Object.fromEntries(withTables)
}
