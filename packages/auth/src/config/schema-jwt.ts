import { closed, duration, limit, size, typed } from '@gatewright/core/terms'
import { Type } from 'typebox'
import { claimKeys, tokenKeys } from './schema-tokens.js'

const text = (description: string): ReturnType<typeof Type.String> =>
  Type.String({ minLength: 1, description })

const texts = (description: string): ReturnType<typeof Type.Array> =>
  Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description })

const JwtKeys = Type.Object(
  {
    url: Type.Optional(
      text(
        'The URL of a key set (JWKS, RFC 7517), with https. It is fetched in the background, and kept over outages.'
      )
    ),
    discovery: Type.Optional(
      Type.Union([Type.Literal(true), Type.String({ minLength: 1 })], {
        description:
          'Asks the issuer where its key set is (OpenID Connect Discovery): true for `issuer`, or its URL where `issuer` lists several. Its document must name the same issuer.'
      })
    ),
    static: Type.Optional(
      Type.Array(typed('string | Readonly<Record<string, unknown>>', {}), {
        minItems: 1,
        maxItems: 100,
        description:
          'Public keys: PEM texts (keys or certificates) or JWKs. They change with the configuration alone.'
      })
    ),
    secret: Type.Optional(
      text(
        'A secret shared with the issuer, as UTF-8, for HS256, HS384 or HS512: at least 32, 48 or 64 bytes of chance. Danger: whoever can verify tokens can also make them.'
      )
    ),
    refresh: Type.Optional(
      duration(
        'How long fetched keys count as the latest where the response does not say (`max-age`). Default 10m.',
        {
          least: '1m',
          most: '24h'
        }
      )
    ),
    staleIfError: Type.Optional(
      duration('How long fetched keys are used beyond that, while they cannot be fetched. Default 24h.', {
        least: '1m',
        most: '168h',
        zero: 'not at all'
      })
    ),
    cooldown: Type.Optional(
      duration(
        'Time between two fetches for the sake of tokens with an unknown key id or a wrong signature. Default 30s.',
        {
          least: '1s',
          most: '1h'
        }
      )
    ),
    timeout: Type.Optional(
      duration('Time for a fetch, and so for a request that waits for it. Default 5s.', {
        least: '100ms',
        most: '1m'
      })
    ),
    allowHttp: Type.Optional(
      Type.Boolean({
        description:
          'Whether keys may come without TLS. Default false. Danger: whoever is on the way can put in a key of their own.'
      })
    ),
    ca: Type.Optional(
      text('Certificates of the authorities to trust, PEM text, in place of those that Node trusts.')
    )
  },
  {
    ...closed,
    title: 'JwtKeysConfig',
    description:
      'Where the keys come from that tokens are verified with: one of `url`, `discovery` (default), `static` and `secret`. A key set has at most 100 keys and 512 KiB.'
  }
)

const Cache = Type.Object(
  {
    maxTokens: Type.Optional(
      limit(
        'Good tokens that are remembered, about 2 KiB each. Default 10000. Beyond, the ones that came longest ago are verified again.',
        1,
        1_000_000
      )
    )
  },
  { ...closed, title: 'JwtCacheConfig', description: 'How many verified tokens are remembered.' }
)

/** A scheme of JSON Web Tokens. */
export const JwtScheme = Type.Object(
  {
    type: Type.Literal('jwt', { description: 'JSON Web Tokens (RFC 7519), signed.' }),
    issuer: Type.Union([Type.String({ minLength: 1 }), texts('Several of them.')], {
      description: 'Who may have issued tokens: exactly what their `iss` says, one or several.'
    }),
    audience: Type.Union([Type.Literal(false), Type.String({ minLength: 1 }), texts('Several of them.')], {
      description:
        'Whom tokens must be for: one of these must be in their `aud`. false: anybody. Danger of false: tokens that the issuer has made for other services pass.'
    }),
    keys: Type.Optional(JwtKeys),
    algorithms: Type.Optional(
      Type.Array(typed('JwtAlgorithm', { type: 'string', minLength: 1 }), {
        minItems: 1,
        description:
          'Signature algorithms that are accepted: RS, PS and ES with 256, 384 and 512, EdDSA, Ed25519; with `keys.secret` HS256, HS384, HS512. Default: all with public keys; with a secret HS256. Never both.'
      })
    ),
    types: Type.Optional(
      texts(
        "Values of `typ` in the token's header that are accepted, in any letter case, such as `at+jwt` (RFC 9068); 'none' stands for tokens without. Default JWT, at+jwt and none."
      )
    ),
    clockSkew: Type.Optional(
      duration('How far clocks may differ where times of tokens are checked. Default 60s.', {
        most: '10m',
        zero: 'not at all'
      })
    ),
    requiredClaims: Type.Optional(
      texts('Claims that must be there beside `iss`, `aud`, `exp` and the subject. Default: none.')
    ),
    maxLifetime: Type.Optional(
      duration('Most time between `iat` (or now) and `exp`. Default: any.', { least: '1s' })
    ),
    maxTokenSize: Type.Optional(size('Longest token. Default 8KiB, at most 64KiB.')),
    ...claimKeys,
    ...tokenKeys,
    cache: Type.Optional(
      Type.Union([Type.Literal(false), Cache], {
        description:
          'Verified tokens are remembered until they expire or their key is withdrawn; false: each is verified with every request, which costs some 100 µs.'
      })
    )
  },
  { ...closed, title: 'JwtSchemeConfig', description: 'A scheme of JSON Web Tokens.' }
)
