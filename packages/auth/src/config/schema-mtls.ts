import { closed, typed } from '@gatewright/core/terms'
import { Type } from 'typebox'

const texts = (description: string): object =>
  Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description })

const pattern = (description: string): object =>
  Type.Optional(
    Type.String({ minLength: 1, description: `${description} A * at its begin or end stands for anything.` })
  )

const Rule = Type.Object(
  {
    uri: pattern('A URI among the alternative names, such as `spiffe://acme.test/billing`.'),
    dns: pattern('A DNS name among the alternative names.'),
    email: pattern('An e-mail address among the alternative names.'),
    cn: pattern('The common name.'),
    organization: pattern('The organization.'),
    unit: pattern('The organizational unit.'),
    fingerprint: Type.Optional(
      Type.String({
        pattern: '^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$',
        rule: 'a SHA-256 fingerprint in hexadecimal, with colons or without',
        description: 'The SHA-256 fingerprint of the certificate.'
      })
    ),
    consumer: Type.Optional(
      Type.String({ minLength: 1, description: 'The consumer that such a certificate belongs to.' })
    ),
    scopes: Type.Optional(texts('Scopes that it has.')),
    roles: Type.Optional(texts('Roles that it has, beside those of its consumer.')),
    metadata: Type.Optional(
      typed('Readonly<Record<string, unknown>>', {
        type: 'object',
        description: 'What else is known of it, before what is known of its consumer.'
      })
    )
  },
  {
    ...closed,
    title: 'MtlsRuleConfig',
    description: 'Certificates that are let in: everything that is given must hold.'
  }
)

/** A scheme of client certificates. */
export const MtlsScheme = Type.Object(
  {
    type: Type.Literal('mtls', {
      description:
        'Client certificates (mutual TLS) of the connection itself. The listener must ask for them and trust their authority: `requestCert` and `ca`.'
    }),
    identify: Type.Optional(
      Type.Union(
        [
          Type.Literal('name'),
          Type.Literal('uri'),
          Type.Literal('dns'),
          Type.Literal('email'),
          Type.Literal('cn'),
          Type.Literal('fingerprint')
        ],
        {
          description:
            "What of the certificate is the subject. 'name' (default): the first URI, DNS name or e-mail address among its alternative names, else its common name. A certificate that has no such name, or several, is refused."
        }
      )
    ),
    allow: Type.Optional(
      Type.Array(Rule, {
        minItems: 1,
        description:
          'Which certificates are let in; the first rule that holds counts. Default: every one whose authority the listener trusts.'
      })
    )
  },
  { ...closed, title: 'MtlsSchemeConfig', description: 'A scheme of client certificates (mutual TLS).' }
)
