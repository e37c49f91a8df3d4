import { closed, duration, limit, mode, typed } from '@gatewright/core/terms'
import { Type } from 'typebox'
import { ApiKeys } from './schema-api-key.js'
import { BasicUsers } from './schema-basic.js'
import { schemes } from './schema-schemes.js'

const names = (description: string): ReturnType<typeof Type.Array> =>
  Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description })

const Consumer = Type.Object(
  {
    roles: Type.Optional(names('Roles of its identities, beside those that the credential brings.')),
    metadata: Type.Optional(
      typed('Readonly<Record<string, unknown>>', {
        type: 'object',
        description:
          'What else is known of it, such as its plan: `identity.metadata`, for rules, limits and headers. No secrets: hooks and logs may show it.'
      })
    ),
    subjects: Type.Optional(
      Type.Record(Type.String(), Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }), {
        description:
          'The subjects that belong to it, by scheme: `{ tokens: ["svc-acme"] }`. A subject belongs to one consumer.'
      })
    )
  },
  { ...closed, title: 'ConsumerConfig', description: 'A consumer: an application or customer that calls.' }
)

const FailureLimit = Type.Object(
  {
    limit: Type.Optional(
      limit('Failed attempts of one client in `window` before it is refused. Default 30.', 1, 1_000_000)
    ),
    window: Type.Optional(
      duration('How long failures count, from the first one on. Default 1m.', { least: '1s', most: '24h' })
    ),
    maxClients: Type.Optional(
      limit(
        'Clients that are counted apart, about 150 bytes each. Default 100000. Beyond, new ones share 1024 counts.',
        1,
        10_000_000
      )
    )
  },
  {
    ...closed,
    title: 'FailureLimitConfig',
    description:
      'Failed attempts per client (its address seen through `trustedProxies`; IPv6 by /64). Beyond the limit a client is let in only with credentials that are known already; anything else gets 429 auth_throttled.'
  }
)

const Authentication = Type.Object(
  {
    schemes: Type.Optional(
      Type.Record(Type.String(), schemes, {
        description: 'Ways to find out who a request is from, by the names that `auth` uses.'
      })
    ),
    consumers: Type.Optional(
      Type.Record(Type.String(), Consumer, {
        description: 'Who calls, by name: what is known of each, whatever credential it comes with.'
      })
    ),
    headers: Type.Optional(
      Type.Record(Type.String(), Type.String({ minLength: 1 }), {
        description:
          "Headers that tell upstreams who it is, by name: 'subject', 'consumer', 'scheme', 'scopes', 'roles', 'claims.<path>' or 'metadata.<path>'. A client's own headers of these names are dropped on every route, in every spelling. Default: none."
      })
    ),
    realm: Type.Optional(
      Type.String({
        pattern: '^[ !#-\\[\\]-~]{1,100}$',
        rule: 'of at most 100 visible characters without " and \\',
        description: 'The realm in WWW-Authenticate. Default gateway.'
      })
    ),
    failures: Type.Optional(
      Type.Union([Type.Literal(false), FailureLimit], {
        description: 'How often a client may fail. Default 30 times in 1m; false: no limit.'
      })
    )
  },
  {
    ...closed,
    title: 'AuthenticationConfig',
    description:
      'How it is found out who requests are from: schemes and consumers. Routes use them by `auth`.'
  }
)

const AuthOptions = Type.Object(
  {
    mode: Type.Optional(mode),
    any: Type.Optional(
      Type.Array(typed('AuthTerm', {}), {
        minItems: 1,
        maxItems: 16,
        description:
          'Schemes of which one must identify the request, asked in this order: names, or `{ all: [...] }`.'
      })
    ),
    all: Type.Optional(
      Type.Array(typed('AuthTerm', {}), {
        minItems: 1,
        maxItems: 16,
        description:
          'Schemes that must all identify the request: names, or `{ any: [...] }`. The first one names the subject; scopes, roles and claims of all count.'
      })
    ),
    optional: Type.Optional(
      Type.Boolean({
        description:
          'Lets requests without any credentials through, without an identity. Wrong ones are refused all the same. Default false.'
      })
    ),
    default: Type.Optional(
      Type.Literal('deny', {
        description:
          'At the top only, and alone: every route must have an `auth` of its own, or of its policies, or `auth: false`; else the gateway does not start.'
      })
    )
  },
  { ...closed, title: 'AuthOptions', description: 'Which schemes a request must satisfy.' }
)

const Auth = Type.Union([Type.Literal(false), Type.String({ minLength: 1 }), AuthOptions], {
  title: 'AuthConfig',
  description:
    'How requests are authenticated: the name of a scheme, several of them, or false for not at all. Without a credential, or with a wrong one: 401 unauthenticated. At the top it is for routes that have none.'
})

const condition = typed('ClaimCondition', {
  anyOf: [
    { type: 'string' },
    { type: 'number' },
    { type: 'boolean' },
    {
      type: 'array',
      minItems: 1,
      items: { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] }
    }
  ]
})

const rule = {
  scopes: Type.Optional(names('Scopes that it must have, all of them.')),
  roles: Type.Optional(names('Roles of which it must have one.')),
  consumers: Type.Optional(names('Consumers of which it must be one.')),
  subjects: Type.Optional(names('Subjects of which it must be one.')),
  schemes: Type.Optional(names('Schemes of which one must have identified it.')),
  claims: Type.Optional(
    Type.Record(Type.String(), condition, {
      description:
        'Claims by name, or by path with dots: a value, or a list of which one will do. A claim that is a list must contain it.'
    })
  ),
  metadata: Type.Optional(
    Type.Record(Type.String(), condition, { description: 'The same for metadata of the consumer.' })
  ),
  methods: Type.Optional(
    Type.Array(typed('Method', { type: 'string' }), {
      minItems: 1,
      description: 'Methods for which it holds.'
    })
  ),
  clients: Type.Optional(
    names('Addresses and CIDR ranges of which the client must be in one, seen through `trustedProxies`.')
  ),
  check: Type.Optional(
    typed('AuthorizeFunction', {
      description:
        'A function of the exchange that returns true or false, or a promise of one (at most 5 s). Throwing: 503 auth_unavailable. Code only.'
    })
  )
}

const AuthorizeRule = Type.Object(rule, {
  ...closed,
  title: 'AuthorizeRule',
  description: 'A rule: everything that is given must hold.'
})

const Authorize = Type.Union(
  [
    Type.Literal(false),
    Type.Object(
      {
        mode: Type.Optional(mode),
        ...rule,
        any: Type.Optional(
          Type.Array(AuthorizeRule, {
            minItems: 1,
            maxItems: 64,
            description: 'Rules of which one must hold, beside what else is given.'
          })
        )
      },
      { ...closed, title: 'AuthorizeOptions', description: 'What a request may do: all of it must hold.' }
    )
  ],
  {
    title: 'AuthorizeConfig',
    description:
      'What whoever was identified must be or have: all of it must hold. Else 403 forbidden, or 401 where nobody was identified. At the top it is for routes that have none.'
  }
)

const on = ['gateway', 'policy', 'route']

/** What this package adds to the configuration. */
export const keys = {
  authentication: { on: ['gateway'], schema: Authentication },
  auth: { on, schema: Auth },
  authorize: { on, schema: Authorize },
  // These stand in files.
  apiKeys: { on: [], schema: ApiKeys },
  basicUsers: { on: [], schema: BasicUsers }
}

/** Where types come from that only TypeScript can say. */
export const sources = {
  '../auth-term.js': ['AuthTerm'],
  '../authorize/condition.js': ['AuthorizeFunction', 'ClaimCondition'],
  '../api-key/lookup-function.js': ['ApiKeyLookup'],
  '../custom/authenticate-function.js': ['AuthenticateFunction'],
  '../jwt/algorithms.js': ['JwtAlgorithm']
}
