import { closed, duration, limit, size } from '@gatewright/core/terms'
import { Type } from 'typebox'
import { claimKeys, tokenKeys } from './schema-tokens.js'

const text = (description: string): ReturnType<typeof Type.String> =>
  Type.String({ minLength: 1, description })

const texts = (description: string): ReturnType<typeof Type.Union> =>
  Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })], {
    description
  })

const Cache = Type.Object(
  {
    active: Type.Optional(
      duration(
        'How long an active token is taken for one without asking again, at most until its `exp`. Default 1m. Danger: as long a revoked token passes.',
        { most: '1h' }
      )
    ),
    inactive: Type.Optional(
      duration('How long one that is not active is taken for that. Default 10s.', { most: '10m' })
    ),
    maxTokens: Type.Optional(
      limit('Active tokens that are remembered, about 2 KiB each. Default 10000.', 1, 1_000_000)
    )
  },
  { ...closed, title: 'IntrospectionCacheConfig', description: 'How long answers hold.' }
)

/** A scheme of tokens that are looked up where they were issued. */
export const IntrospectionScheme = Type.Object(
  {
    type: Type.Literal('introspection', {
      description: 'Tokens that say nothing themselves: looked up where they were issued (RFC 7662).'
    }),
    url: text('The introspection endpoint, with https.'),
    clientId: text('Who the gateway is there.'),
    clientSecret: text('Its secret.'),
    clientAuth: Type.Optional(
      Type.Union([Type.Literal('basic'), Type.Literal('post')], {
        description:
          "How they are sent: 'basic' (default) in Authorization, 'post' in the body (RFC 6749, section 2.3.1)."
      })
    ),
    issuer: Type.Optional(texts('What `iss` of an active token must be, one or several. Default: any.')),
    audience: Type.Optional(
      texts(
        'Whom an active token must be for: one of these must be in its `aud`. Default: anybody, as the endpoint knows who asks.'
      )
    ),
    ...claimKeys,
    ...tokenKeys,
    cache: Type.Optional(
      Type.Union([Type.Literal(false), Cache], {
        description: 'Answers are remembered; false: the endpoint is asked with every request.'
      })
    ),
    timeout: Type.Optional(
      duration('Time for a look-up. Default 2s. Exceeded: 503 auth_unavailable.', {
        least: '10ms',
        most: '1m'
      })
    ),
    maxTokenSize: Type.Optional(size('Longest token. Default 8KiB, at most 64KiB.')),
    allowHttp: Type.Optional(
      Type.Boolean({
        description:
          'Whether the endpoint may be asked without TLS. Default false. Danger: whoever is on the way sees tokens and the secret, and can let anybody in.'
      })
    ),
    ca: Type.Optional(
      text('Certificates of the authorities to trust, PEM text, in place of those that Node trusts.')
    )
  },
  {
    ...closed,
    title: 'IntrospectionSchemeConfig',
    description: 'A scheme of tokens that are looked up where they were issued.'
  }
)
