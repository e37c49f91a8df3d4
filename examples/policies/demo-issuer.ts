import { exportSPKI, generateKeyPair, SignJWT } from 'jose'

/** What an identity provider would be: a key, and tokens that are signed with it. */
export interface DemoIssuer {
  readonly issuer: string
  /** The public key, as PEM text. */
  readonly publicKey: string
  /** A token for an hour. `consumer`: the application that calls. */
  token(subject: string, consumer: string, scope: string): Promise<string>
}

/** Makes one with a new key, so that its tokens are good for this run alone. */
export async function demoIssuer(): Promise<DemoIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const issuer = 'https://login.example'
  return {
    issuer,
    publicKey: await exportSPKI(publicKey),
    token: (subject, consumer, scope) =>
      new SignJWT({ azp: consumer, scope })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt' })
        .setIssuer(issuer)
        .setAudience('orders')
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(privateKey)
  }
}
