import type { GatewayServerConfig } from '@gatewright/gateway'

/** A configuration that a test changes at random; half of what it becomes is wrong. */
type Config = Record<string, unknown>

/** Values for a key: right ones, ones at a border, wrong ones, and none. */
const VALUES: Readonly<Record<'gateway' | 'pool' | 'route', Readonly<Record<string, readonly unknown[]>>>> = {
  gateway: {
    paths: [undefined, { policy: 'normalize' }, { duplicateSlashes: 'merge' }, { policy: 'no' }],
    trustedProxies: [undefined, ['127.0.0.1'], [], ['10.0.0.0/8'], ['300.1.1.1']],
    forwarded: [undefined, 'none', 'both', 'rfc7239', 'some'],
    via: [undefined, 'gw', 'a b'],
    requestIdHeader: [undefined, 'x-correlation-id', 'a b'],
    reservedHeaders: [undefined, ['x-user'], ['host'], 'x-user'],
    underscores: [undefined, 'keep', 'drop', 'maybe'],
    deadlineHeader: [undefined, 'x-deadline-ms', ''],
    maxHeaders: [undefined, 10, 100, 9, '10'],
    maxUrlSize: [undefined, '64B', '8KiB', '8'],
    reasonHeader: [undefined, true, false, 1],
    overload: [undefined, false, { maxEventLoopDelay: '9s' }, { mode: 'observe' }, { retryAfter: 'x' }],
    accessLog: [false, { destination: '/dev/null' }, { destination: '/nowhere/at/all' }, 3],
    flightRecorder: [undefined, false, { recent: 5 }, { recent: 1, failures: 1 }, { recent: 0 }],
    metrics: [
      { listener: 'app' },
      false,
      { listener: 'app', maxLabelValues: 5 },
      { listener: 'app', process: false },
      { listener: 'app', buckets: [2, 1] }
    ],
    policies: [
      { calm: { retry: 'safe' } },
      { calm: { timeout: '5s' } },
      { calm: { concurrency: { max: 50 } } },
      { calm: { circuitBreaker: true, hedge: { after: '1s' } } },
      { calm: { pool: 'nobody' } },
      {}
    ]
  },
  pool: {
    balancing: [
      undefined,
      'random',
      'round-robin',
      'least-connections',
      { type: 'sticky', secret: 's'.repeat(32) },
      { type: 'consistent-hash', key: 'header:x-user' },
      'best'
    ],
    timeouts: [undefined, { connect: '1s' }, { firstByte: '9s', total: '9s' }, { connect: '0' }],
    connections: [undefined, { max: 3 }, { keepAlive: '1s' }, { maxQueue: 0 }, { max: 0 }],
    health: [
      undefined,
      { path: '/live', interval: '60s' },
      { path: '/live', interval: '1ms' },
      { path: 'x' }
    ],
    outlierDetection: [undefined, false, { mode: 'observe' }, { consecutiveErrors: 1 }, { ejection: 1 }],
    unhealthy: [undefined, { policy: 'all' }, { policy: 'none' }, { policy: 'some' }],
    circuitBreaker: [undefined, true, false, { window: '5s' }, { minRequests: 0 }],
    retry: [undefined, false, 'safe', { attempts: 3 }, { attempts: 21 }],
    hedge: [undefined, { after: 'p99' }, { after: '20ms' }, { after: 'p101' }],
    concurrency: [undefined, { max: 50 }, { max: 60, maxQueue: 5 }, { adaptive: {} }, { max: 0 }],
    tls: [undefined, { servername: 'a.test' }, { ca: 'no certificate' }]
  },
  route: {
    methods: [undefined, ['GET'], ['GET', 'POST'], ['POST'], ['get it']],
    priority: [undefined, 1, -1, 1.5],
    use: [undefined, ['calm'], ['nobody']],
    rewrite: [undefined, { addPrefix: '/v1' }, { set: '/fixed' }, { addPrefix: 'v1', set: '/x' }],
    retry: [undefined, false, { attempts: 2 }, { attempts: 0 }],
    hedge: [undefined, false, { after: '10ms' }, true],
    circuitBreaker: [undefined, false, true, 'on'],
    concurrency: [undefined, { max: 40 }, { max: 'many' }],
    importance: [undefined, 'bulk', 'critical', 'most'],
    bodyLimit: [undefined, '1KiB', false, '1'],
    preserveHost: [undefined, true, 'yes'],
    timeout: [undefined, '5s', '5'],
    trailingSlash: [undefined, 'ignore', 'maybe'],
    fallback: [undefined, { respond: { status: 503, body: 'later' } }, { pool: 'a' }, { pool: 'nobody' }],
    hooks: [undefined, { onSend: marked }, { onRequest: refused }, { onRequest: 'no function' }]
  }
}

const PATHS = ['/*', '/a/*', '/b/*', '/a/:id', '/fixed', '~^/v[0-9]+/', 'no path']

async function marked(
  _request: unknown,
  reply: { header(name: string, value: string): void },
  payload: unknown
) {
  reply.header('x-marked', 'yes')
  return payload
}

async function refused(
  _request: unknown,
  reply: { code(status: number): { send(body: string): unknown } }
): Promise<unknown> {
  return reply.code(403).send('refused')
}

/** Where a configuration of {@link changed} begins. */
export function firstConfig(urls: readonly string[]): GatewayServerConfig {
  return {
    logger: false,
    accessLog: false,
    metrics: { listener: 'app' },
    shutdown: { signals: false, wait: '0ms', drain: '0ms' },
    policies: { calm: { retry: 'safe' } },
    pools: { a: { endpoints: [...urls] } },
    routes: [{ id: 'all', path: '/*', pool: 'a' }]
  }
}

/** Another configuration, in which one to three things differ. `urls` are what endpoints there are. */
export function changed(
  before: GatewayServerConfig,
  chance: () => number,
  urls: readonly string[]
): GatewayServerConfig {
  const next = {
    ...before,
    pools: { ...before.pools },
    routes: [...(before.routes ?? [])]
  } as unknown as Config & {
    pools: Record<string, Config>
    routes: Config[]
  }
  const pick = <T>(list: readonly T[]): T => list[Math.floor(chance() * list.length)] as T
  const set = (on: Config, kind: keyof typeof VALUES): void => {
    const key = pick(Object.keys(VALUES[kind]))
    const value = pick(VALUES[kind][key] ?? [])
    if (value === undefined) delete on[key]
    else on[key] = value
  }
  const some = (): string[] => urls.filter(() => chance() < 0.6)
  const acts = [
    () => set(next, 'gateway'),
    () => {
      const id = pick(Object.keys(next.pools))
      const pool = { ...next.pools[id] }
      set(pool, 'pool')
      next.pools[id] = pool
    },
    () => {
      const at = Math.floor(chance() * next.routes.length)
      const route = { ...next.routes[at] }
      set(route, 'route')
      next.routes[at] = route
    },
    () => {
      const id = pick(['a', 'b', 'c'])
      next.pools[id] = {
        ...next.pools[id],
        endpoints: some().map((url) => ({ url, weight: pick([1, 2, 5]) }))
      }
    },
    () => {
      const id = pick(['a', 'b', 'c'])
      const { discovery, ...pool } = next.pools[id] ?? {}
      next.pools[id] =
        discovery === undefined
          ? { ...pool, discovery: { source: listed([pick(urls), ...some()].filter(unique)) } }
          : { ...pool, endpoints: some() }
    },
    () => delete next.pools[pick(['a', 'b', 'c'])],
    () => {
      const path = pick(PATHS)
      const to = pick([
        { pool: 'a' },
        { pool: 'b' },
        { pool: 'c' },
        { respond: { body: 'said' } },
        { redirect: { path: '/x' } }
      ])
      next.routes.push({ ...(chance() < 0.7 ? { id: pick(['r1', 'r2', 'r3', 'r4']) } : {}), path, ...to })
    },
    () => next.routes.splice(Math.floor(chance() * next.routes.length), 1),
    () => next.routes.reverse()
  ]
  for (let n = 1 + Math.floor(chance() * 3); n > 0; n--) pick(acts)()
  return next as unknown as GatewayServerConfig
}

const unique = (url: string, at: number, all: readonly string[]): boolean => all.indexOf(url) === at

const sources = new Map<string, () => AsyncGenerator<readonly string[]>>()

// The same list is the same source, as it would be by DNS.
function listed(urls: readonly string[]): () => AsyncGenerator<readonly string[]> {
  const known = sources.get(urls.join())
  if (known !== undefined) return known
  const source = async function* (signal?: AbortSignal): AsyncGenerator<readonly string[]> {
    yield urls
    await new Promise((resolve) => signal?.addEventListener('abort', resolve))
  }
  sources.set(urls.join(), source)
  return source
}
