import { Type } from 'typebox'
import { closed, duration, size } from './terms.js'

const text = (description: string): ReturnType<typeof Type.String> =>
  Type.String({ minLength: 1, description })

const oneOrMore = (description: string): object =>
  Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })], {
    description
  })

const WaiverSchema = Type.Object(
  {
    id: text('The id of the rule.'),
    path: Type.Optional(
      text(
        "Where: the finding's path or one that it begins with, such as pools.legacy; of a route also by its id, routes.users. Default: everywhere."
      )
    ),
    reason: text('Why it is left so.'),
    expires: text(
      'Until when: a date (until its end, UTC), or a time of RFC 3339. From then on it is a finding itself.'
    )
  },
  { ...closed, title: 'WaiverConfig', description: 'A finding that is known, and left so for a while.' }
)

const ScopeSchema = Type.Object(
  {
    path: Type.Optional(text('A path as in routes: /admin/* for all below /admin, and it.')),
    host: Type.Optional(text('A host as in routes.')),
    method: Type.Optional(oneOrMore('A method, or several.')),
    route: Type.Optional(oneOrMore('Ids of routes; internal-* stands for all that begin so.')),
    pool: Type.Optional(oneOrMore('Ids of pools; internal-* stands for all that begin so.')),
    action: Type.Optional(
      oneOrMore('What the routes do: forward, redirect, respond, handler. Default: anything.')
    )
  },
  {
    ...closed,
    title: 'InvariantScopeConfig',
    description:
      'The routes that are meant: those that some of these requests go to. A broader route is left out where others go before it and take all of them. Default: all routes.'
  }
)

const flag = (description: string): ReturnType<typeof Type.Boolean> => Type.Boolean({ description })

const RequirementsSchema = Type.Object(
  {
    auth: Type.Optional(
      Type.Union(
        [
          Type.Boolean(),
          Type.String({ minLength: 1 }),
          Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })
        ],
        {
          description:
            'Authentication: some (true), none (false), or one of these schemes in every way in, by name or by type, such as mtls.'
        }
      )
    ),
    authorize: Type.Optional(flag('Whether there is a rule for who may.')),
    rateLimit: Type.Optional(flag('Whether there is a rate limit, of the route or of the top.')),
    requireTls: Type.Optional(flag('Whether requests must come by TLS.')),
    securityHeaders: Type.Optional(flag('Whether there are security headers.')),
    validation: Type.Optional(flag('Whether requests are validated.')),
    circuitBreaker: Type.Optional(flag('Whether there is a circuit breaker.')),
    cors: Type.Optional(flag('Whether pages of other origins are answered.')),
    retry: Type.Optional(flag('Whether there are retries.')),
    upstreamTls: Type.Optional(
      flag('Whether every endpoint is reached by https, with its certificate verified.')
    ),
    filters: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), { description: 'Filters by these names.' })
    ),
    policies: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), { description: 'Policies that the route uses.' })
    ),
    pool: Type.Optional(oneOrMore('A pool, or one of several.')),
    maxTimeout: Type.Optional(duration('`timeouts.total` is given, and at most so long.')),
    maxBody: Type.Optional(size('`bodyLimit` is at most so large.'))
  },
  {
    ...closed,
    minProperties: 1,
    title: 'RequirementsConfig',
    description: 'What the routes must have: all of it. What only observes is not there.'
  }
)

const InvariantSchema = Type.Object(
  {
    name: text('What it is called where it does not hold.'),
    where: Type.Optional(ScopeSchema),
    require: RequirementsSchema,
    allowNone: Type.Optional(
      Type.Boolean({
        description:
          'Whether it holds when no route is meant. Default false: then its `where` is mostly misspelt, and it guards nothing.'
      })
    )
  },
  { ...closed, title: 'InvariantConfig', description: 'Something that must hold for routes.' }
)

/** `lint`: what a check of the configuration goes by. */
export const LintSchema = Type.Object(
  {
    waivers: Type.Optional(
      Type.Array(WaiverSchema, { description: 'Findings that are known, and left so for a while.' })
    ),
    rules: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Union([
          Type.Literal('off'),
          Type.Literal('info'),
          Type.Literal('warning'),
          Type.Literal('error')
        ]),
        { description: 'Other severities by the id of a rule; off: it is not looked for.' }
      )
    ),
    invariants: Type.Optional(Type.Array(InvariantSchema, { description: 'What must hold for routes.' })),
    failOn: Type.Optional(
      Type.Union(
        [Type.Literal('never'), Type.Literal('error'), Type.Literal('warning'), Type.Literal('info')],
        {
          description:
            'Which changes of a running gateway are refused: those that bring a finding as severe as this or worse, or break an invariant, and the running configuration does not. A start is never refused by it. Needs the plugin `lintChanges` of @gatewright/lint; the command has it. Default never.'
        }
      )
    )
  },
  {
    ...closed,
    title: 'LintConfig',
    description: 'For `gatewright check` and @gatewright/lint. A gateway that runs goes by `failOn` alone.'
  }
)
