import { closed, duration, limit, mode, typed } from '@gatewright/core/terms'
import { Type } from 'typebox'

const RateLimitSchema = Type.Object(
  {
    mode: Type.Optional(mode),
    name: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_.-]{1,64}$',
        rule: 'of at most 64 letters, digits, _, . and -',
        description:
          'Its name in headers, logs and metrics. Routes with a limit of the same name share it, and must agree on its numbers and its key. Default: `default`, and a limit of each route alone.'
      })
    ),
    requestsPerSecond: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1_000_000,
        description:
          'A token bucket that is refilled so fast, for each key. This, or `limit` and `window`. Danger behind several processes without `rateLimitStore`: each has a bucket of its own; workers of one gateway divide it.'
      })
    ),
    burst: Type.Optional(
      limit(
        'With a token bucket: what the bucket holds, so what may come at once. Default: `limit`, or `requestsPerSecond` rounded up.',
        1
      )
    ),
    concurrent: Type.Optional(
      limit(
        'Most requests that run at one time, for each key. In place of a rate; counted by each process alone, and divided among the workers of a gateway.',
        1
      )
    ),
    limit: Type.Optional(limit('Most requests, or their cost, in `window`, for each key.', 1)),
    window: Type.Optional(duration('The time that `limit` is for.', { least: '1ms', most: '596h' })),
    algorithm: Type.Optional(
      Type.Union(
        [Type.Literal('token-bucket'), Type.Literal('fixed-window'), Type.Literal('sliding-window')],
        {
          description:
            "How `limit` and `window` are counted. 'token-bucket' (default): an even rate with bursts (GCRA). 'fixed-window': anew at the end of each window; up to twice the limit may pass around that moment. 'sliding-window': the share of the window before that is still in sight counts too."
        }
      )
    ),
    key: Type.Optional(
      typed('RateLimitKey', {
        description:
          "What requests are counted by: 'client' (default: the address, seen through `trustedProxies`), 'route', 'pool', 'consumer' or 'subject' (as authentication has found out), { claim } (its name, or a path such as realm.tenant), { header }, { cookie }, { constant }, a function of the exchange, or a list of these which count together. Danger of what clients choose, such as a header that nobody has checked: each value has a count of its own."
      })
    ),
    withoutKey: Type.Optional(
      Type.Union([Type.Literal('by-client'), Type.Literal('reject'), Type.Literal('exempt')], {
        description:
          "For a request that has no such header, cookie, consumer or claim: 'by-client' (default) counts its address, 'reject' answers 429, 'exempt' lets it pass. Danger of exempt: whoever leaves it out has no limit."
      })
    ),
    ipv6Prefix: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 128,
        description: 'Clients with as many leading bits of their IPv6 address in common are one. Default 64.'
      })
    ),
    cost: Type.Optional(
      typed('number | RateLimitCost', {
        description:
          'What a request takes of the limit: a number from 0 to 1000000, or a function of the exchange that returns one. Default 1; with `costAfter` 0.'
      })
    ),
    costAfter: Type.Optional(
      typed('RateLimitCostAfter', {
        description:
          "What is charged besides when the response has ended, so that later requests pay: 'request-bytes', 'response-bytes', { header } or { trailer } of the response that holds a number, or a function of the finished exchange. A request is admitted while anything is left. Default: nothing."
      })
    ),
    store: Type.Optional(
      Type.Union([Type.Literal('shared'), Type.Literal('memory')], {
        description:
          "Where it is counted: 'shared' (default where there is a `rateLimitStore`), or in the 'memory' of each process."
      })
    ),
    onStoreFailure: Type.Optional(
      Type.Union([Type.Literal('local'), Type.Literal('open'), Type.Literal('closed')], {
        description:
          "While the store cannot be reached: 'local' (default) counts in this process, which admits its share of the limit (`rateLimitStore.instances`), 'open' admits everything, 'closed' answers 503 rate_limit_unavailable."
      })
    ),
    headers: Type.Optional(
      Type.Union([Type.Literal('draft'), Type.Literal('legacy'), Type.Literal('none')], {
        description:
          "'draft' (default): `RateLimit-Policy` and `RateLimit` (IETF draft 10) on every response; 'legacy': `X-RateLimit-Limit`, `-Remaining` and `-Reset`. `Retry-After` is on every refusal."
      })
    ),
    maxKeys: Type.Optional(
      limit(
        'Keys that have a count of their own at one time, about 150 bytes each. Default 100000. Beyond, new ones share 1024 counts: a flood of keys never sets back one that is limited.',
        1,
        10_000_000
      )
    )
  },
  { ...closed, title: 'RateLimitOptions', description: 'How many requests may come in a time.' }
)

const RateLimitConfigSchema = Type.Union(
  [RateLimitSchema, Type.Array(RateLimitSchema, { minItems: 1, maxItems: 8 }), Type.Literal(false)],
  {
    title: 'RateLimitConfig',
    description:
      'How many requests may come in a time; of a list, all limits must hold. Exceeded: 429 rate_limited. At the top it holds for all requests, besides those of routes; those of a route take the place of its policies’.'
  }
)

const RateLimitStoreSchema = Type.Object(
  {
    redis: Type.Optional(
      typed('string | RedisClient', {
        description:
          "A URL such as 'redis://127.0.0.1:6379' ('rediss://' with TLS), which needs the package iovalkey, or a client of ioredis or iovalkey. Redis 5 or newer, or Valkey."
      })
    ),
    store: Type.Optional(
      typed('RateLimitStore', { description: 'A store of your own, in place of `redis`.' })
    ),
    prefix: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 128,
        description:
          'What the keys in Redis begin with. Default `gatewright:rate-limit:`. In a cluster it needs a hash tag, such as `{limits}:`.'
      })
    ),
    timeout: Type.Optional(
      duration('What a request waits for the store at most. Default 50ms.', { least: '1ms', most: '10s' })
    ),
    failures: Type.Optional(
      limit('After so many failures in a row the store is not asked for `retryAfter`. Default 5.', 1, 1_000)
    ),
    retryAfter: Type.Optional(
      duration('Then one request tries it again. Default 1s.', { least: '10ms', most: '10m' })
    ),
    instances: Type.Optional(
      limit(
        'Processes that share the store, for what each admits while it cannot be reached. Default: the workers of this gateway, else 1.',
        1,
        10_000
      )
    )
  },
  { ...closed, title: 'RateLimitStoreOptions', description: 'A store that several processes count in.' }
)

const RateLimitStoreConfigSchema = Type.Union([RateLimitStoreSchema, Type.Literal(false)], {
  title: 'RateLimitStoreConfig',
  description:
    'Counts rate limits for all processes together. Without it each counts its own. Danger: everybody who can reach the store can change the counts.'
})

/** What this package adds to the configuration. */
export const keys = {
  rateLimit: { on: ['gateway', 'policy', 'route'], schema: RateLimitConfigSchema },
  rateLimitStore: { on: ['gateway'], schema: RateLimitStoreConfigSchema }
}

/** Where types come from that only TypeScript can say. */
export const sources = {
  '../key.js': ['RateLimitKey'],
  '../cost.js': ['RateLimitCost'],
  '../cost-after.js': ['RateLimitCostAfter'],
  '../redis-store.js': ['RedisClient'],
  '../store.js': ['RateLimitStore']
}
