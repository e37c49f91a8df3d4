import { Type } from 'typebox'
import { closed, typed } from './terms.js'

/** A redirect response. */
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
    path: Type.Optional(Type.String({ description: 'The full path. Default: the path after `rewrite`.' })),
    status: Type.Optional(
      Type.Union(
        [Type.Literal(301), Type.Literal(302), Type.Literal(303), Type.Literal(307), Type.Literal(308)],
        { description: 'Default 302.' }
      )
    )
  },
  { ...closed, title: 'RedirectConfig', description: 'Respond with a redirect. The query is preserved.' }
)

/** A direct response. */
export const RespondSchema = Type.Object(
  {
    status: Type.Optional(Type.Integer({ minimum: 200, maximum: 599, description: 'Default 200.' })),
    headers: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'Header fields of the response.' })
    ),
    body: Type.Optional(Type.String({ description: 'The body. Default: none.' }))
  },
  { ...closed, title: 'RespondConfig', description: 'Respond directly, without an upstream.' }
)

/** The response when forwarding failed (`fallback`). */
export const FallbackSchema = Type.Object(
  {
    on: Type.Optional(
      Type.Array(typed('Reason', { type: 'string' }), {
        minItems: 1,
        description:
          'Reasons for which the fallback is used. Default circuit_open, no_endpoint, upstream_connect_failed.'
      })
    ),
    pool: Type.Optional(typed('P', { type: 'string', description: 'The pool to forward to instead.' })),
    respond: Type.Optional(RespondSchema),
    handler: Type.Optional(
      typed('RouteHandler', { description: 'A Fastify handler that sends the response. Code only.' })
    )
  },
  {
    ...closed,
    title: 'FallbackConfig',
    description:
      'What responds when the upstream failed: exactly one of pool, respond and handler. Used only before any part of a response has been sent; pool also requires that the request can be sent again. Used once per request: a fallback pool has no further fallback.'
  }
)
