import { closed, duration, limit, typed } from '@gatewright/core/terms'
import { Type } from 'typebox'
import { tokenKeys } from './schema-tokens.js'

const texts = (description: string): object =>
  Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description })

const hash = (description: string): object =>
  Type.String({
    pattern:
      '^\\$scrypt\\$ln=\\d{1,2},r=\\d{1,2},p=\\d{1,2}\\$[A-Za-z0-9+/]{16,128}\\$[A-Za-z0-9+/]{22,128}$',
    rule: 'the scrypt hash of a password: hashPassword() makes it',
    writeOnly: true,
    description
  })

const User = Type.Object(
  {
    password: hash(
      'The hash of the password: `await hashPassword(password)`. The password itself is stored nowhere.'
    ),
    consumer: Type.Optional(
      Type.String({ minLength: 1, description: 'The consumer that the user belongs to.' })
    ),
    scopes: Type.Optional(texts('Scopes that the user has.')),
    roles: Type.Optional(texts('Roles that the user has, beside those of its consumer.')),
    metadata: Type.Optional(
      typed('Readonly<Record<string, unknown>>', {
        type: 'object',
        description: 'What else is known of the user, before what is known of its consumer.'
      })
    )
  },
  { ...closed, title: 'BasicUserConfig', description: 'A user of a Basic scheme.' }
)

/** Users by name, as they stand in a file. */
export const BasicUsers = Type.Record(
  Type.String(),
  Type.Union([hash('The hash of the password alone.'), User])
)

/** A scheme of user names and passwords (RFC 7617). */
export const BasicScheme = Type.Object(
  {
    type: Type.Literal('basic', {
      description: 'User names and passwords (RFC 7617). Danger without TLS: they can be read on the way.'
    }),
    users: Type.Optional({
      ...BasicUsers,
      description: 'Users by name: the hash of a password, or what else is known too.'
    }),
    file: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'A JSON file with users, as in `users`. It is read again when it changes; while it is wrong, the last right one holds.'
      })
    ),
    refresh: Type.Optional(
      duration('How often it is looked at whether the file has changed. Default 10s.', {
        least: '100ms',
        most: '1h'
      })
    ),
    forward: tokenKeys.forward,
    remember: Type.Optional(
      duration(
        'How long a right password is known, so that not every request costs the time of a hash. Default 5m.',
        { most: '24h', zero: 'not at all' }
      )
    ),
    maxRemembered: Type.Optional(limit('Passwords that are known at one time. Default 1000.', 1, 1_000_000)),
    concurrency: Type.Optional(
      limit(
        'Passwords that are hashed at one time; each takes a thread of the process and, with the default cost, 32 MiB. Default 2. 64 more wait; beyond: 503 auth_unavailable.',
        1,
        64
      )
    )
  },
  { ...closed, title: 'BasicSchemeConfig', description: 'A scheme of user names and passwords (RFC 7617).' }
)
