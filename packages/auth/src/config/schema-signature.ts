import { closed, duration, limit, size, typed } from '@gatewright/core/terms'
import { Type } from 'typebox'

const texts = (description: string): object =>
  Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description })

const secret = (description: string): object =>
  Type.String({
    minLength: 16,
    writeOnly: true,
    rule: 'a secret of at least 16 characters',
    description
  })

const found = {
  consumer: Type.Optional(Type.String({ minLength: 1, description: 'The consumer that it belongs to.' })),
  scopes: Type.Optional(texts('Scopes that it has.')),
  roles: Type.Optional(texts('Roles that it has, beside those of its consumer.')),
  metadata: Type.Optional(
    typed('Readonly<Record<string, unknown>>', {
      type: 'object',
      description: 'What else is known of it, before what is known of its consumer.'
    })
  )
}

const replay = {
  tolerance: Type.Optional(
    duration(
      'How far the time in a signature may be from the time here, before or after. Default 5m. As long, the same signature is taken once.',
      { least: '1s', most: '1h' }
    )
  ),
  maxRemembered: Type.Optional(
    limit(
      'Signatures that are remembered at one time, so that none is taken twice, about 150 bytes each. Default 100000. Beyond: 503 auth_unavailable.',
      1,
      10_000_000
    )
  ),
  body: Type.Optional(
    size('Largest body that is read to be checked. Default 1MiB. Exceeded: 413 body_too_large.')
  )
}

const SignatureKey = Type.Object(
  {
    id: Type.String({
      minLength: 1,
      description: 'The `keyid` of its signatures, and the subject of its identity.'
    }),
    secret: secret('The secret that is shared, as UTF-8: 32 bytes of chance or more.'),
    ...found
  },
  { ...closed, title: 'SignatureKeyConfig', description: 'A key that signs requests.' }
)

/** A scheme of signed requests (RFC 9421). */
export const SignatureScheme = Type.Object(
  {
    type: Type.Literal('signature', {
      description: 'Requests signed by HMAC-SHA256 (HTTP Message Signatures, RFC 9421).'
    }),
    keys: Type.Array(SignatureKey, {
      minItems: 1,
      description: 'Who signs. One consumer may have several keys.'
    }),
    covers: Type.Optional(
      Type.Array(
        Type.String({
          pattern: "^(@(method|path|query|authority)|[a-z0-9!#$%&'*+.^_`|~-]+)$",
          rule: "'@method', '@path', '@query', '@authority', or a header in lower case"
        }),
        {
          minItems: 1,
          description:
            "What every signature must cover. Default ['@method', '@path', '@query']. A request with a body must cover `content-digest` besides (RFC 9530), which is checked."
        }
      )
    ),
    ...replay
  },
  { ...closed, title: 'SignatureSchemeConfig', description: 'A scheme of signed requests (RFC 9421).' }
)

const Format = Type.Object(
  {
    header: Type.String({
      pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$",
      rule: 'the name of a header',
      description: 'The header with the HMAC-SHA256 of the body.'
    }),
    encoding: Type.Optional(
      Type.Union([Type.Literal('hex'), Type.Literal('base64')], {
        description: "How it is written. Default 'hex'."
      })
    ),
    prefix: Type.Optional(
      Type.String({ description: "What stands before it, such as 'sha256='. Default nothing." })
    )
  },
  {
    ...closed,
    title: 'WebhookFormatConfig',
    description: 'Where the signature of a webhook is, and how it is written.'
  }
)

/** A scheme of webhooks. */
export const WebhookScheme = Type.Object(
  {
    type: Type.Literal('webhook', { description: 'Webhooks whose body is signed by HMAC-SHA256.' }),
    format: Type.Union(
      [
        Type.Literal('github'),
        Type.Literal('stripe'),
        Type.Literal('slack'),
        Type.Literal('standard'),
        Format
      ],
      {
        description:
          "Whose form the signature has: 'github' (X-Hub-Signature-256), 'stripe' (Stripe-Signature), 'slack' (X-Slack-Signature), 'standard' (standardwebhooks.com), or one of your own. Danger: those of GitHub and of your own have no time in them, so that one that was overheard can be sent again."
      }
    ),
    secrets: Type.Array(secret('A secret, as its sender shows it.'), {
      minItems: 1,
      maxItems: 8,
      description: 'The secrets that are shared with the sender; two while they are changed.'
    }),
    subject: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'The subject of its identity. Default: the name of the scheme.'
      })
    ),
    ...found,
    ...replay
  },
  { ...closed, title: 'WebhookSchemeConfig', description: 'A scheme of webhooks.' }
)
