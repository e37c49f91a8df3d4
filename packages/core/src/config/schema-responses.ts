import { Type } from 'typebox'
import { closed, typed } from './terms.js'

/** A redirect as the answer. */
export const RedirectSchema = Type.Object(
  {
    scheme: Type.Optional(
      Type.Union([Type.Literal('http'), Type.Literal('https')], { description: "Default: the request's." })
    ),
    host: Type.Optional(Type.String({ description: "Default: the request's." })),
    port: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 65535,
        description: "Default: the request's when neither scheme nor host is set, else the scheme's."
      })
    ),
    path: Type.Optional(Type.String({ description: 'A whole new path. Default: the path after `rewrite`.' })),
    status: Type.Optional(
      Type.Union(
        [Type.Literal(301), Type.Literal(302), Type.Literal(303), Type.Literal(307), Type.Literal(308)],
        { description: 'Default 302.' }
      )
    )
  },
  { ...closed, title: 'RedirectConfig', description: 'Answer with a redirect. The query is kept.' }
)

/** A direct answer. */
export const RespondSchema = Type.Object(
  {
    status: Type.Optional(Type.Integer({ minimum: 200, maximum: 599, description: 'Default 200.' })),
    headers: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'Header fields of the answer.' })
    ),
    body: Type.Optional(Type.String({ description: 'The body. Default: none.' }))
  },
  { ...closed, title: 'RespondConfig', description: 'Answer directly, without an upstream.' }
)

/** What answers when the upstream cannot (`fallback`). */
export const FallbackSchema = Type.Object(
  {
    on: Type.Optional(
      Type.Array(typed('Reason', { type: 'string' }), {
        minItems: 1,
        description:
          'Reasons for which it answers. Default circuit_open, no_endpoint, upstream_connect_failed.'
      })
    ),
    pool: Type.Optional(typed('P', { type: 'string', description: 'Another pool to forward to.' })),
    respond: Type.Optional(RespondSchema),
    handler: Type.Optional(
      typed('RouteHandler', { description: 'A Fastify handler that answers. Code only.' })
    )
  },
  {
    ...closed,
    title: 'FallbackConfig',
    description:
      'What answers in place of an upstream that cannot: exactly one of pool, respond and handler. Only while nothing of an answer has been sent, and for another pool while the request can be sent again. It is asked once: the other pool has no fallback of its own.'
  }
)
