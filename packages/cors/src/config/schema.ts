import { closed, duration, mode, typed } from '@gatewright/core/terms'
import { Type } from 'typebox'

const field = Type.String({
  pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$",
  rule: 'a header name'
})

const CorsSchema = Type.Object(
  {
    mode: Type.Optional(mode),
    origins: typed('CorsOrigins', {
      description:
        "Which pages may read responses: '*' (all, without credentials), an origin such as 'https://shop.example', subdomains of any depth as 'https://*.shop.example', any port as 'http://localhost:*', 'null'; in code also a RegExp, which must match the whole origin; or a list of these; or a function of the origin and the exchange that returns true or false, or a promise of it."
    }),
    methods: Type.Optional(
      Type.Union([Type.Literal('*'), Type.Array(Type.String(), { maxItems: 40 })], {
        description:
          "The methods that preflights are told; '*': whichever is asked for. Default: the methods of the route, and of one that takes all, GET, HEAD, PUT, PATCH, POST and DELETE."
      })
    ),
    allowedHeaders: Type.Optional(
      Type.Array(field, {
        maxItems: 100,
        description:
          'The request headers that preflights are told. Default: those that are asked for. GET, HEAD and POST with simple headers need none.'
      })
    ),
    exposedHeaders: Type.Optional(
      Type.Array(field, {
        maxItems: 100,
        description:
          "The response headers that pages may read besides the simple ones. ['*']: all, where there are no credentials. Default: none."
      })
    ),
    credentials: Type.Optional(
      Type.Boolean({
        description:
          "Whether pages may send cookies, client certificates and HTTP authentication. Default false. Danger: whoever controls one of the origins acts as the user; not with '*'."
      })
    ),
    maxAge: Type.Optional(
      duration(
        'How long browsers may keep the response to a preflight; they have limits of their own (Chromium 2h). Default: theirs, 5 seconds.',
        { least: '1s', most: '24h', zero: 'not at all' }
      )
    ),
    privateNetwork: Type.Optional(
      Type.Boolean({
        description:
          'Whether pages of a public network may call this one in a private network (Access-Control-Allow-Private-Network). Default false.'
      })
    ),
    refuseOthers: Type.Optional(
      Type.Boolean({
        description:
          'Whether requests of other origins get 403 origin_not_allowed. Default false: they are forwarded, and their pages cannot read the response. Requests without Origin, and those of pages of the same origin, always pass.'
      })
    )
  },
  { ...closed, title: 'CorsOptions', description: 'Which pages of other origins may call.' }
)

const CorsConfigSchema = Type.Union([CorsSchema, Type.Literal(false)], {
  title: 'CorsConfig',
  description:
    'Cross-origin resource sharing (Fetch standard): the gateway answers preflights, and replaces the Access-Control-* fields of upstreams. At the top it holds for all routes that say nothing, and for requests that no route takes. false: none, and upstreams do it. Default: none.'
})

/** What this package adds to the configuration. */
export const keys = { cors: { on: ['gateway', 'policy', 'route'], schema: CorsConfigSchema } }

/** Where types come from that only TypeScript can say. */
export const sources = { '../origins.js': ['CorsOrigins'] }
