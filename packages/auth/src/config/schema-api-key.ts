import { closed, duration, limit, typed } from '@gatewright/core/terms'
import { Type } from 'typebox'
import { tokenKeys } from './schema-tokens.js'

const texts = (description: string): object =>
  Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description })

const date = (description: string): object =>
  Type.String({
    pattern: '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:\\d{2}))?$',
    rule: "a date such as '2027-01-31', or a time such as '2027-01-31T12:00:00Z'",
    description
  })

const ApiKey = Type.Object(
  {
    hash: Type.String({
      pattern: '^(sha256:)?([A-Za-z0-9_-]{43}|[0-9a-fA-F]{64})$',
      rule: 'the SHA-256 of a key, in base64url or hexadecimal: createApiKey() gives it',
      writeOnly: true,
      description: 'The SHA-256 of the key: `hash` of `createApiKey()`. The key itself is stored nowhere.'
    }),
    id: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'What it is called in logs, and the subject of its identity. Default: `key-` and the begin of its hash.'
      })
    ),
    consumer: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'The consumer that it belongs to. One may have several keys.'
      })
    ),
    scopes: Type.Optional(texts('Scopes that it has.')),
    roles: Type.Optional(texts('Roles that it has, beside those of its consumer.')),
    metadata: Type.Optional(
      typed('Readonly<Record<string, unknown>>', {
        type: 'object',
        description: 'What else is known of it, before what is known of its consumer.'
      })
    ),
    notBefore: Type.Optional(date('From when on it may be used.')),
    expires: Type.Optional(
      date(
        'From when on it may not be used any more. For a rotation: the old key gets a date, the new one is added.'
      )
    )
  },
  { ...closed, title: 'ApiKeyConfig', description: 'An API key, as it is stored.' }
)

/** A list of keys, as it stands in a file. */
export const ApiKeys = Type.Array(ApiKey)

const Cache = Type.Object(
  {
    found: Type.Optional(
      duration(
        'How long a key that was found is known. Default 1m. Danger: as long a withdrawn key passes.',
        { most: '1h' }
      )
    ),
    notFound: Type.Optional(
      duration('How long one that was not found is known. Default 10s.', { most: '10m' })
    ),
    maxKeys: Type.Optional(
      limit('Keys of each kind that are known at one time. Default 10000.', 1, 1_000_000)
    )
  },
  { ...closed, title: 'ApiKeyCacheConfig', description: 'How long the answers of `lookup` are known.' }
)

/** A scheme of API keys. */
export const ApiKeyScheme = Type.Object(
  {
    type: Type.Literal('apiKey', { description: 'API keys.' }),
    from: Type.Optional({
      ...tokenKeys.from,
      description:
        "Where keys may be; the first place that has one counts. Default [{ header: 'x-api-key' }]."
    }),
    forward: tokenKeys.forward,
    prefix: Type.Optional(
      Type.String({
        pattern: '^[a-z][a-z0-9]{0,15}(_[a-z0-9]{1,15}){0,3}$',
        rule: "words of small letters and digits joined by _, such as 'acme_live'",
        description:
          'What keys begin with: `prefix` of `createApiKey()`. Others, and those whose checksum is wrong, are refused without being looked for. Default: keys of any form.'
      })
    ),
    keys: Type.Optional(Type.Array(ApiKey, { description: 'The keys.' })),
    file: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'A JSON file with a list of keys, as in `keys`. It is read again when it changes; while it is wrong, the last right one holds.'
      })
    ),
    refresh: Type.Optional(
      duration('How often it is looked at whether the file has changed. Default 10s.', {
        least: '100ms',
        most: '1h'
      })
    ),
    lookup: Type.Optional(
      typed('ApiKeyLookup', {
        description:
          'Finds a key that is in neither: `async ({ hash, id }) => …`, which returns it as in `keys`, with its `hash`, or null. It never gets the key itself. Throwing, or more than `timeout`: 503 auth_unavailable. Code only.'
      })
    ),
    cache: Type.Optional(
      Type.Union([Type.Literal(false), Cache], {
        description: 'Answers of `lookup` are remembered; false: it is asked with every request.'
      })
    ),
    timeout: Type.Optional(duration('How long `lookup` may take. Default 5s.', { least: '1ms', most: '1m' }))
  },
  { ...closed, title: 'ApiKeySchemeConfig', description: 'A scheme of API keys.' }
)
