import { closed, duration, typed } from '@gatewright/core/terms'
import { Type } from 'typebox'
import { tokenPlaces } from './schema-tokens.js'

/** A scheme that is a function of the user's own. */
export const CustomScheme = Type.Object(
  {
    type: Type.Literal('custom', { description: 'A function of your own.' }),
    authenticate: typed('AuthenticateFunction', {
      description:
        'Called with the exchange; returns who it is, `null` for a request without such a credential, `{ invalid }` for a wrong one, or a promise of these. Throwing: 503 auth_unavailable. Code only.'
    }),
    from: Type.Optional(
      tokenPlaces(
        'Where its credential may be: it is taken out of the request of whoever the function identifies, out of every place that has one. Default: nowhere, and what the function reads reaches the upstream.'
      )
    ),
    forward: Type.Optional(
      Type.Boolean({
        description:
          'Whether upstreams get the credential too, although `from` says where it is. Default false. Danger: an upstream can use it elsewhere.'
      })
    ),
    challenge: Type.Optional(
      Type.String({
        pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+( [ -~]{1,500})?$",
        rule: 'the name of a scheme, and parameters',
        description: 'What WWW-Authenticate says of it. Default: its name.'
      })
    ),
    timeout: Type.Optional(
      duration('How long a promise may take. Default 5s. Exceeded: 503 auth_unavailable.', { most: '1m' })
    )
  },
  { ...closed, title: 'CustomSchemeConfig', description: 'A scheme that is a function of your own.' }
)
