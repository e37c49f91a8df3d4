import { SignJWT } from 'jose'

/** What sessions say about who made them, and for whom. */
export const ISSUER = 'my-gateway'

/** How long a session lasts, in seconds. It ends then wherever a copy of the cookie may be; nothing ends it before. */
export const SESSION_SECONDS = 3_600

/** Makes the cookies of sessions. A session is a signed token in a cookie that no script can read. */
export class Sessions {
  readonly #key: Uint8Array
  readonly #attributes: string
  /** What the cookie is called. With TLS its name keeps other hosts and paths from setting it. */
  readonly cookie: string

  constructor(secret: string, { secure }: { readonly secure: boolean }) {
    this.#key = new TextEncoder().encode(secret)
    this.cookie = secure ? '__Host-session' : 'session'
    this.#attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
  }

  /** `Set-Cookie` for somebody who has logged in. */
  async begin(user: string): Promise<string> {
    const token = await new SignJWT()
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(ISSUER)
      .setSubject(user)
      .setIssuedAt()
      .setExpirationTime(`${SESSION_SECONDS}s`)
      .sign(this.#key)
    return `${this.cookie}=${token}; Max-Age=${SESSION_SECONDS}; ${this.#attributes}`
  }

  /** `Set-Cookie` for somebody who logs out. */
  end(): string {
    return `${this.cookie}=; Max-Age=0; ${this.#attributes}`
  }
}
