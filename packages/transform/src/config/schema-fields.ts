import { closed } from '@gatewright/core/terms'
import { Type } from 'typebox'

const names = (description: string) => Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description })

const values = (description: string) =>
  Type.Record(Type.String(), Type.String(), { minProperties: 1, description })

const changes = {
  keepOnly: Type.Optional(
    names(
      "Drop all fields of the sender but these; 'x-app-*' is a prefix. Fields that describe the body stay."
    )
  ),
  remove: Type.Optional(names("Drop these fields; 'x-internal-*' is a prefix.")),
  rename: Type.Optional(
    values(
      'Old name to new name. What the sender has under the new name is dropped, also where the old one is absent.'
    )
  ),
  set: Type.Optional(
    values(
      "Name to value, a template such as '{params.id}'. The sender's own field is dropped, also where the template has no value."
    )
  ),
  setIfAbsent: Type.Optional(values('The same for fields that are not there.')),
  append: Type.Optional(
    values('Name to value, a template: a further line of the field, unless the same line is there.')
  )
}

/** Changes to the fields of requests. */
export const HeadersSchema = Type.Object(changes, {
  ...closed,
  minProperties: 1,
  title: 'HeadersTransform',
  description: 'Changes to header fields, in this order.'
})

const status = Type.Union([Type.String({ minLength: 1 }), Type.Integer({ minimum: 200, maximum: 599 })])

/** For which statuses something is done. */
export const whenSchema = (more: string) =>
  Type.Optional(
    Type.Union([status, Type.Array(status, { minItems: 1 })], {
      description: `For which statuses: 'always' (default), 'success' (below 400), 'error' (from 400), a status, '5xx', '400-499', or a list of these.${more}`
    })
  )

/** Changes to the fields of responses. */
export const ResponseHeadersSchema = Type.Object(
  {
    when: whenSchema(''),
    ...changes
  },
  {
    ...closed,
    minProperties: 1,
    title: 'ResponseHeadersTransform',
    description: 'Changes to header fields, in this order.'
  }
)

/** Changes to the parameters of queries. */
export const QuerySchema = Type.Object(
  {
    keepOnly: Type.Optional(names("Drop all parameters but these; 'utm_*' is a prefix.")),
    remove: Type.Optional(names("Drop these parameters; 'utm_*' is a prefix.")),
    rename: Type.Optional(
      values(
        'Old name to new name. What the client has under the new name is dropped, also where the old one is absent.'
      )
    ),
    set: Type.Optional(
      values(
        "Name to value, a template. It takes the place of the client's first one, or comes last; further ones are dropped. Where the template has no value, all are dropped."
      )
    ),
    setIfAbsent: Type.Optional(values('The same for parameters that are not there.')),
    append: Type.Optional(values('Name to value, a template: a further parameter at the end.'))
  },
  {
    ...closed,
    minProperties: 1,
    title: 'QueryTransform',
    description:
      'Changes to the parameters of the query, in this order. Names are compared decoded and case-sensitively. Parameters that nothing says anything about stay byte for byte, in their order.'
  }
)
