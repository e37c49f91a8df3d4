import { closed } from '@gatewright/core/terms'
import { Type } from 'typebox'
import { RequestJsonSchema, ResponseJsonSchema } from './schema-json.js'

const names = (description: string) => Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description })

const values = (description: string) =>
  Type.Record(Type.String(), Type.String(), { minProperties: 1, description })

const RequestHeadersSchema = Type.Object(
  {
    keepOnly: Type.Optional(
      names(
        "Drop all of the client's fields but these; 'x-app-*' is a prefix. Fields that describe the body stay. Done first."
      )
    ),
    remove: Type.Optional(names("Drop these fields; 'x-internal-*' is a prefix.")),
    rename: Type.Optional(
      values(
        'Old name to new name. What the client itself sends under the new name is dropped, also where the old one is absent.'
      )
    ),
    set: Type.Optional(
      values(
        "Name to value, a template such as '{params.id}'. The client's own field is dropped, also where the template has no value."
      )
    ),
    setIfAbsent: Type.Optional(values('The same for fields that the request does not have.')),
    append: Type.Optional(values('A further line of the field, behind those that are there. Done last.'))
  },
  {
    ...closed,
    minProperties: 1,
    title: 'RequestHeadersTransform',
    description: 'Changes to the fields that the upstream gets, in this order.'
  }
)

const RequestTransformSchema = Type.Object(
  { headers: Type.Optional(RequestHeadersSchema), json: Type.Optional(RequestJsonSchema) },
  {
    ...closed,
    minProperties: 1,
    title: 'RequestTransform',
    description: 'Changes to requests on their way to the upstream.'
  }
)

const ResponseTransformSchema = Type.Object(
  { json: Type.Optional(ResponseJsonSchema) },
  {
    ...closed,
    minProperties: 1,
    title: 'ResponseTransform',
    description: 'Changes to responses on their way to the client.'
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
