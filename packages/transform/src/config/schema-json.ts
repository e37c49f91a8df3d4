import { closed, limit, mode, size, typed } from '@gatewright/core/terms'
import { Type } from 'typebox'
import { whenSchema } from './schema-fields.js'

const pointers = (description: string) =>
  Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 200, description })

const values = (description: string) =>
  Type.Record(Type.String(), typed('unknown', {}), { minProperties: 1, description })

const OperationSchema = Type.Object(
  {
    pick: Type.Optional(
      pointers('Keep what these lead to, with the objects and lists on the way, and drop everything else.')
    ),
    remove: Type.Optional(pointers('Drop the members and items that these lead to.')),
    rename: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        minProperties: 1,
        description: 'Pointer to new name. A member that has this name already is dropped.'
      })
    ),
    mask: Type.Optional(
      pointers('Put `with` in the place of these values, whatever they are. null and what is not there stay.')
    ),
    with: Type.Optional(Type.String({ description: "What `mask` puts there. Default '***'." })),
    keepLast: Type.Optional(
      limit(
        'Last characters of a string or number that `mask` leaves behind `with`; none where it is not at least twice as long. Default 0.',
        0,
        100
      )
    ),
    set: Type.Optional(
      values(
        "Pointer to value: any JSON, its strings templates such as '{identity.subject}'. Objects on the way are made. Nothing is set where a template has no value."
      )
    ),
    add: Type.Optional(
      values(
        "The same for members that are not there. In a list: before the item of this index, or behind the last with '-'."
      )
    )
  },
  {
    ...closed,
    title: 'JsonOperation',
    description:
      "One change to a JSON body. Pointers are JSON pointers (RFC 6901): '/user/name', '/items/0', and '/items/*/price' for every item or member."
  }
)

const FunctionSchema = typed('JsonTransform', {
  type: 'object',
  required: ['change'],
  description: 'A function: `transformJson((body) => …)`. Code only.'
})

const OperationsSchema = Type.Array(Type.Union([OperationSchema, FunctionSchema as never]), {
  minItems: 1,
  maxItems: 100,
  description: 'Changes to the JSON of the body, in this order.'
})

const limits = {
  mode: Type.Optional({
    ...mode,
    description:
      "'enforce' (default) changes bodies; 'observe' applies the operations to a copy of each body, tells what they would have done (events `json_observed` and `observed`), and lets the body pass as it comes. Functions are called."
  }),
  maxBytes: Type.Optional(
    size(
      'Largest body, line or event, decoded, before and after the changes. Default 1MiB, or what `transformJson` was given. Exceeded: 413 body_too_large for requests, 502 response_transform_failed for responses.'
    )
  ),
  maxRatio: Type.Optional(
    limit(
      'Most bytes that decompression may make of one, beyond 64 KiB. Default 100. Exceeded: as for `maxBytes`.',
      1,
      100_000
    )
  )
}

const about =
  'Changes to the JSON of the body: `application/json` and `+json`, each line of NDJSON, the data of each server-sent event. Other bodies are left alone.'

/** `json` of requests. */
export const RequestJsonSchema = Type.Union(
  [
    Type.Object(
      { operations: OperationsSchema, ...limits },
      { ...closed, title: 'RequestJsonOptions', description: 'Changes to JSON, with their limits.' }
    ),
    OperationsSchema,
    FunctionSchema as never
  ],
  { description: about }
)

/** `json` of responses. */
export const ResponseJsonSchema = Type.Union(
  [
    Type.Object(
      {
        operations: OperationsSchema,
        when: whenSchema(' That which the client gets. Upstreams are asked for whole bodies whatever it is.'),
        ...limits,
        validators: Type.Optional(
          Type.Union([Type.Literal('weaken'), Type.Literal('drop')], {
            description:
              "`ETag` and `Last-Modified` of the upstream: 'weaken' (default) makes a strong tag weak, 'drop' leaves both out and forwards no conditional requests. To be dropped where what is sent differs by who asks, or by what is configured: the upstream's validators do not change with it."
          })
        ),
        noTransform: Type.Optional(
          Type.Union([Type.Literal('respect'), Type.Literal('override')], {
            description:
              "A response with `Cache-Control: no-transform`: 'respect' (default) leaves it alone, 'override' changes it all the same. Danger of respect: the upstream decides whether something is masked."
          })
        )
      },
      { ...closed, title: 'ResponseJsonOptions', description: 'Changes to JSON, with their limits.' }
    ),
    OperationsSchema,
    FunctionSchema as never
  ],
  { description: about }
)
