import { closed } from '@gatewright/core/terms'
import { Type } from 'typebox'
import { HeadersSchema, QuerySchema, ResponseHeadersSchema } from './schema-fields.js'
import { RequestJsonSchema, ResponseJsonSchema } from './schema-json.js'
import { CookiesSchema, LocationSchema } from './schema-rewriting.js'

const RequestTransformSchema = Type.Object(
  {
    method: Type.Optional(
      Type.Union(
        [
          Type.String({ minLength: 1 }),
          Type.Record(Type.String(), Type.String({ minLength: 1 }), { minProperties: 1 })
        ],
        {
          description:
            "The method that the upstream is sent: one for all requests, or by the client's method, such as `{ PATCH: 'POST' }`. Retries go by it. HEAD only for HEAD."
        }
      )
    ),
    host: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          "`Host` for the upstream, a template; more than `preserveHost`. Where it makes no host with an optional port, `Host` is what it would be without. TLS goes by the endpoint's name all the same."
      })
    ),
    headers: Type.Optional(HeadersSchema),
    query: Type.Optional(QuerySchema),
    json: Type.Optional(RequestJsonSchema)
  },
  {
    ...closed,
    minProperties: 1,
    title: 'RequestTransform',
    description: 'Changes to requests on their way to the upstream.'
  }
)

const ResponseTransformSchema = Type.Object(
  {
    status: Type.Optional(
      Type.Record(Type.String(), Type.Integer({ minimum: 200, maximum: 599 }), {
        minProperties: 1,
        description:
          "Statuses of upstreams and what clients get instead: `{ 404: 410, '5xx': 502, '421-429': 400 }`, the first that fits. 205, 206 and 304 stay. With 204 the body is dropped. Retries, breakers and ejection go by the upstream's status; `when` by the new one."
      })
    ),
    location: Type.Optional(LocationSchema),
    cookies: Type.Optional(CookiesSchema),
    headers: Type.Optional(
      Type.Union([ResponseHeadersSchema, Type.Array(ResponseHeadersSchema, { minItems: 1 })], {
        description: 'Changes to header fields, or a list of them, done in order.'
      })
    ),
    json: Type.Optional(ResponseJsonSchema)
  },
  {
    ...closed,
    minProperties: 1,
    title: 'ResponseTransform',
    description:
      "Changes to responses on their way to the client, in this order. `headers` holds for the gateway's own answers too, `keepOnly` of it and the others only for upstreams'."
  }
)

const TransformSchema = Type.Object(
  { request: Type.Optional(RequestTransformSchema), response: Type.Optional(ResponseTransformSchema) },
  { ...closed, minProperties: 1, title: 'TransformOptions', description: 'Changes to messages on their way.' }
)

const TransformConfigSchema = Type.Union([TransformSchema, Type.Literal(false)], {
  title: 'TransformConfig',
  description:
    'Changes to requests and responses on their way. At the top it holds for all routes, before that of the route; that of a route takes the place of its policies’. false: none, not even that of the top.'
})

/** What this package adds to the configuration. */
export const keys = { transform: { on: ['gateway', 'policy', 'route'], schema: TransformConfigSchema } }

/** Where types come from that only TypeScript can say. */
export const sources = { '../json/function.js': ['JsonTransform'] }
