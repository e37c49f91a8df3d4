import { closed, limit, mode, percent, size, typed } from '@gatewright/core/terms'
import { Type } from 'typebox'

const ResponseSchema = Type.Object(
  {
    mode: Type.Optional({
      ...mode,
      description:
        "'observe' (default) counts and logs a response that is not valid, and lets it through; 'enforce' answers 502 response_invalid in its place. Danger of enforce: each checked response is held until it is complete."
    }),
    bodies: typed('Readonly<Record<string, JsonSchema>>', {
      type: 'object',
      minProperties: 1,
      description:
        "The JSON Schema of the body by status: `200`, `'2xx'`, or `default` for all others. A status without one is not checked."
    }),
    samplePercent: Type.Optional(percent('Share of responses that are checked. Default 100.')),
    maxBytes: Type.Optional(
      size(
        "Largest body that is checked, decoded. Default 1MiB. A larger one passes unchecked; with 'enforce' it is answered 502."
      )
    )
  },
  { ...closed, title: 'ResponseValidation', description: 'What the bodies of responses must be.' }
)

const ValidationSchema = Type.Object(
  {
    mode: Type.Optional(mode),
    body: Type.Optional(
      typed('JsonSchema', {
        description:
          "The JSON Schema of the body (2020-12, or draft-07 where `$schema` says so; TypeBox makes such). It is read whole before the request is forwarded, unless `mode` is 'observe'. Values are never changed or coerced."
      })
    ),
    bodyRequired: Type.Optional(
      Type.Boolean({
        description:
          'Whether POST, PUT, PATCH and QUERY must have a body where `body` is given. Default true. Other methods need none.'
      })
    ),
    otherMediaTypes: Type.Optional(
      Type.Union([Type.Literal('reject'), Type.Literal('pass')], {
        description:
          "A body that is not `application/json` or `+json`, where `body` is given: 'reject' (default), or 'pass' without a check. Danger of pass: whoever names another type is not checked."
      })
    ),
    query: Type.Optional(
      typed('JsonSchema', {
        description:
          'The JSON Schema of the query: an object of its parameters. One that is given several times is a list.'
      })
    ),
    headers: Type.Optional(
      typed('JsonSchema', {
        description: 'The JSON Schema of the header fields: an object, its names in lower case.'
      })
    ),
    params: Type.Optional(
      typed('JsonSchema', { description: 'The JSON Schema of the path parameters: an object.' })
    ),
    coerce: Type.Optional(
      Type.Boolean({
        description:
          'Whether texts of the query, headers and path are read as the numbers, booleans and lists that their schemas ask for. Default true. What is forwarded stays as it came.'
      })
    ),
    maxBytes: Type.Optional(
      size('Largest request body, decoded. Default 1MiB. Exceeded: 413 body_too_large.')
    ),
    maxErrors: Type.Optional(limit('Problems that a refusal lists. Default 10.', 1, 100)),
    response: Type.Optional(ResponseSchema)
  },
  {
    ...closed,
    title: 'ValidationOptions',
    description: 'What requests and responses must be, by JSON Schema.'
  }
)

const ValidationConfigSchema = Type.Union([ValidationSchema, Type.Literal(false)], {
  title: 'ValidationConfig',
  description:
    'What requests and responses must be, by JSON Schema. A request that is not: 400 request_invalid, with a JSON pointer and a message for each problem. `false` switches off what a policy says.'
})

/** What this package adds to the configuration. */
export const keys = { validation: { on: ['policy', 'route'], schema: ValidationConfigSchema } }

/** Where types come from that only TypeScript can say. */
export const sources = { '../json-schema.js': ['JsonSchema'] }
