import { closed } from '@gatewright/core/terms'
import { Type } from 'typebox'

const text = (description: string): ReturnType<typeof Type.String> =>
  Type.String({ minLength: 1, description })

const NAME = "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$"

const token = (name: string, description: string): ReturnType<typeof Type.String> =>
  Type.String({ pattern: NAME, rule: `the name of a ${name}`, description })

const TokenPlace = Type.Object(
  {
    header: Type.Optional(token('header', 'A header.')),
    scheme: Type.Optional(
      token(
        'scheme',
        "What stands before the token in the header. Default: 'Bearer' in Authorization, nothing in others."
      )
    ),
    cookie: Type.Optional(token('cookie', 'A cookie.')),
    query: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_.-]{1,64}$',
        rule: 'a name of letters, digits, _, . and -',
        description:
          'A parameter of the query. Danger: URLs end up in histories, logs and Referer; only where clients have no other way.'
      })
    )
  },
  {
    ...closed,
    title: 'TokenPlace',
    description: 'Where a token may be: one of `header`, `cookie` and `query`.'
  }
)

/** A list of places where a credential may be. */
export const tokenPlaces = (description: string) =>
  Type.Array(TokenPlace, { minItems: 1, maxItems: 8, description })

/** Keys that every scheme has which reads tokens. */
export const tokenKeys = {
  from: Type.Optional(
    tokenPlaces(
      "Where tokens may be; the first place that has one counts. Default [{ header: 'authorization' }], behind Bearer."
    )
  ),
  forward: Type.Optional(
    Type.Boolean({
      description:
        'Whether upstreams get the token too. Default false: it is taken out of the request. Danger: an upstream can use it elsewhere.'
    })
  )
}

/** Claims that identities are made from: for every scheme that knows claims. */
export const claimKeys = {
  subject: Type.Optional(
    text('The claim that says who it is, by its name or by a path with dots. Default sub. It must be there.')
  ),
  roles: Type.Optional(
    text(
      'The claim that lists roles: `roles`, or a path with dots such as `realm_access.roles`. Default: none.'
    )
  ),
  consumer: Type.Optional(
    text('The claim that names the consumer, such as `azp`. Default: the consumer that lists the subject.')
  )
}
