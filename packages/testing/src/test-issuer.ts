import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { FakeResponse } from './fake-response.js'
import { type FakeUpstream, fakeUpstream } from './fake-upstream.js'
import type { ScriptFunction } from './script.js'
import { signedToken } from './signed-token.js'
import type { TestScope } from './test-scope.js'

/** A key that tokens are signed with. */
interface SigningKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly jwk: Readonly<Record<string, unknown>>
}

/** What a token of {@link TestIssuer.token} is made of beside its claims. */
export interface IssuedTokenOptions {
  /** Fields of the header beside `alg` and `kid`, such as `typ`. */
  readonly header?: Readonly<Record<string, unknown>>
  /** For how long it is good, in seconds. Default 300; negative: expired. */
  readonly lifetime?: number
}

/**
 * An identity provider of a test: publishes its keys (ES256) at `/jwks` and through OpenID Connect Discovery, and signs tokens.
 * How it fails is up to `upstream`: `issuer.upstream.answers({ status: 500 })`, `.next(…)`, `.hold()`, `.welcome`.
 */
export class TestIssuer {
  /** The real server behind it. Its script serves keys; `serve()` brings that back. */
  readonly upstream: FakeUpstream
  /** What tokens say in `iss`, and where discovery begins. */
  readonly url: string
  /** Of the key set. */
  readonly keysUrl: string
  /** `Cache-Control` of the key set; `''` for none. */
  cacheControl = ''
  readonly #keys: SigningKey[] = []
  #made = 0

  /** Takes a server; use {@link testIssuer}. */
  constructor(upstream: FakeUpstream) {
    this.upstream = upstream
    this.url = upstream.url
    this.keysUrl = `${upstream.url}/jwks`
    this.rotate()
    this.serve()
  }

  /** Serves keys again, after other answers. */
  serve(): this {
    this.upstream.answers(this.#answer)
    return this
  }

  /** How often its key set was asked for. */
  get fetches(): number {
    return this.upstream.requests.filter(({ target }) => target === '/jwks').length
  }

  /** From now on signs with a new key; those before stay published until they are withdrawn. Returns its id. */
  rotate(): string {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const kid = `key-${++this.#made}`
    this.#keys.push({
      kid,
      privateKey,
      jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' }
    })
    return kid
  }

  /** Publishes all keys but the newest no more. */
  withdraw(): void {
    this.#keys.splice(0, this.#keys.length - 1)
  }

  /** The published key set. */
  get keySet(): { readonly keys: readonly Readonly<Record<string, unknown>>[] } {
    return { keys: this.#keys.map(({ jwk }) => jwk) }
  }

  /** A token of the newest key: `iss`, `sub: 'ada'`, `iat` and `exp`, unless `claims` say otherwise. */
  token(claims: Readonly<Record<string, unknown>> = {}, options: IssuedTokenOptions = {}): string {
    const { header = {}, lifetime = 300 } = options
    const { kid, privateKey } = this.#keys.at(-1) as SigningKey
    const now = Math.floor(Date.now() / 1_000)
    const iat = lifetime < 0 ? now + 2 * lifetime : now
    return signedToken({
      algorithm: 'ES256',
      key: privateKey,
      header: { kid, ...header },
      claims: { iss: this.url, sub: 'ada', iat, exp: now + lifetime, ...claims }
    })
  }

  readonly #answer: ScriptFunction = ({ target }) => {
    if (target === '/jwks') return this.#json(this.keySet)
    if (target === '/.well-known/openid-configuration')
      return this.#json({ issuer: this.url, jwks_uri: this.keysUrl })
    return { status: 404 }
  }

  #json(value: unknown): FakeResponse {
    const cached = this.cacheControl === '' ? {} : { 'cache-control': this.cacheControl }
    return { headers: { 'content-type': 'application/json', ...cached }, body: JSON.stringify(value) }
  }
}

/**
 * Starts an identity provider on a free loopback port. It ends with the test `t`; without one (`null`), by
 * `issuer.upstream.close()`.
 *
 * @example
 * const issuer = await testIssuer(t)
 * const scheme = { type: 'jwt', issuer: issuer.url, audience: 'api', keys: { url: issuer.keysUrl, allowHttp: true } }
 * const token = issuer.token({ aud: 'api' })
 */
export async function testIssuer(t: TestScope | null): Promise<TestIssuer> {
  return new TestIssuer(await fakeUpstream(t))
}
