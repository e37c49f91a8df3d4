import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { test } from 'node:test'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream, rawRequest, signatureOf, signedToken } from '@gatewright/testing'
import { startGateway } from '../support/start-gateway.js'

const ISSUER = 'https://id.example.test'
const SECRET = 'a shared secret of thirty-two bytes'
const SKEW = 60

const pairs = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  weakRsa: generateKeyPairSync('rsa', { modulusLength: 1_024 }),
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  p384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  p521: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  secp256k1: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  ed25519: generateKeyPairSync('ed25519'),
  encryption: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  stranger: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  strangeRsa: generateKeyPairSync('rsa', { modulusLength: 2_048 })
}
type Name = keyof typeof pairs
const jwkOf = (name: Name, more: object = {}) => ({
  ...pairs[name].publicKey.export({ format: 'jwk' }),
  kid: name,
  ...more
})
const pemOf = (name: Name, format: 'spki' | 'pkcs1' = 'spki'): Buffer =>
  Buffer.from((pairs[name].publicKey as KeyObject).export({ type: format, format: 'pem' }))

const KEY_SET = {
  keys: [
    ...(['rsa', 'weakRsa', 'p384', 'p521', 'secp256k1', 'ed25519'] as const).map((name) => jwkOf(name)),
    jwkOf('p256', { use: 'sig', alg: 'ES256' }),
    jwkOf('encryption', { use: 'enc' }),
    { kty: 'oct', kid: 'shared', k: Buffer.from(SECRET).toString('base64url') }
  ]
}

const b64 = (text: string | Uint8Array): string => Buffer.from(text as string).toString('base64url')
const seconds = (): number => Date.now() / 1_000

interface Making {
  readonly claims?: Record<string, unknown>
  /** Claims that it does not have. */
  readonly less?: string
  readonly payload?: string
  readonly header?: Record<string, unknown>
  readonly rawHeader?: string
  readonly algorithm?: string
  readonly key?: Name | Uint8Array
}
let made = 0
const claimsOf = (more: Record<string, unknown> = {}): Record<string, unknown> => {
  const now = Math.floor(seconds())
  return { iss: ISSUER, aud: 'api', sub: 'ada', jti: String(++made), iat: now - 5, exp: now + 300, ...more }
}
function token({ claims, less, payload, header, rawHeader, algorithm = 'ES256', key = 'p256' }: Making = {}) {
  const all = claimsOf(claims)
  if (less !== undefined) delete all[less]
  return signedToken({
    header: rawHeader ?? { ...(typeof key === 'string' && { kid: key }), ...header },
    claims: payload ?? all,
    algorithm,
    key: typeof key === 'string' ? pairs[key].privateKey : key
  })
}
const text = (): string => JSON.stringify(claimsOf())
/** A token whose parts are replaced, the signature staying that of the right one. */
function bent(how: (parts: [string, string, string]) => readonly string[]): string {
  return how(token().split('.') as [string, string, string]).join('.')
}
const said = (header: object): string =>
  bent(([, body, signature]) => [b64(JSON.stringify(header)), body, signature])
/** Says one algorithm, and is signed by another. */
function mixed(alg: string, kid: Name, by: string, key: Name | Uint8Array): string {
  const signed = `${b64(JSON.stringify({ alg, kid }))}.${b64(text())}`
  return `${signed}.${b64(signatureOf(signed, by, typeof key === 'string' ? pairs[key].privateKey : key))}`
}
const ofBytes = (payload: Buffer): string => {
  const signed = `${b64('{"alg":"ES256","kid":"p256"}')}.${b64(payload)}`
  return `${signed}.${b64(signatureOf(signed, 'ES256', pairs.p256.privateKey))}`
}
const bearer = (make: () => string) => (): string => `Authorization: Bearer ${make()}`

/** `within`: the row means what it says only where it is answered so many seconds after it was made. */
interface Row {
  readonly name: string
  readonly path: string
  readonly lines: () => string
  readonly status: number
  readonly within?: number
}
const rows: Row[] = []
const row = (status: number, name: string, lines: () => string, more: Partial<Row> = {}): void =>
  void rows.push({ name, path: '/tokens', lines, status, ...more })
const good = (name: string, making: () => Making, more?: Partial<Row>): void =>
  row(
    200,
    name,
    bearer(() => token(making())),
    more
  )
const bad = (name: string, making: () => Making, more?: Partial<Row>): void =>
  row(
    401,
    name,
    bearer(() => token(making())),
    more
  )
const badText = (name: string, make: () => string): void => row(401, name, bearer(make))

// Algorithms.
for (const [algorithm, key] of [
  ['RS256', 'rsa'],
  ['RS384', 'rsa'],
  ['RS512', 'rsa'],
  ['PS256', 'rsa'],
  ['PS384', 'rsa'],
  ['PS512', 'rsa'],
  ['ES256', 'p256'],
  ['ES384', 'p384'],
  ['ES512', 'p521'],
  ['EdDSA', 'ed25519'],
  ['Ed25519', 'ed25519']
] as const) {
  good(`${algorithm}`, () => ({ algorithm, key }))
  badText(`${algorithm} said, HS256 with the public key signed`, () =>
    mixed(algorithm, key, 'HS256', pemOf(key))
  )
  badText(`HS256 with the public key of ${algorithm}`, () => mixed('HS256', key, 'HS256', pemOf(key)))
}
badText('HS256 with the public key as PKCS #1', () => mixed('HS256', 'rsa', 'HS256', pemOf('rsa', 'pkcs1')))
badText('HS256 with the JWK as its secret', () =>
  mixed('HS256', 'rsa', 'HS256', Buffer.from(JSON.stringify(jwkOf('rsa'))))
)
badText('HS256 with the shared secret of the key set', () =>
  mixed('HS256', 'shared' as Name, 'HS256', Buffer.from(SECRET))
)
badText('HS256 with an empty secret', () => mixed('HS256', 'p256', 'HS256', Buffer.alloc(0)))
for (const alg of [
  'none',
  'None',
  'NONE',
  'nOnE',
  '',
  'es256',
  'ES256 ',
  'ES256K',
  'RSA-OAEP',
  'dir',
  '__proto__'
]) {
  badText(`alg ${JSON.stringify(alg)} without a signature`, () =>
    bent(([, body]) => [b64(JSON.stringify({ alg, kid: 'p256' })), body, ''])
  )
  badText(`alg ${JSON.stringify(alg)} with the signature kept`, () => said({ alg, kid: 'p256' }))
}
for (const alg of [null, 256, ['ES256'], { ES256: 1 }, true, undefined])
  badText(`alg ${JSON.stringify(alg)}`, () => said({ alg, kid: 'p256' }))
badText('RS256 said, PS256 signed', () => mixed('RS256', 'rsa', 'PS256', 'rsa'))
badText('PS256 said, RS256 signed', () => mixed('PS256', 'rsa', 'RS256', 'rsa'))
badText('RS512 said, RS256 signed', () => mixed('RS512', 'rsa', 'RS256', 'rsa'))
badText('ES256 said of a P-384 key', () => mixed('ES256', 'p384', 'ES256', 'p384'))
badText('ES384 said of a P-256 key', () => mixed('ES384', 'p256', 'ES384', 'p256'))
badText('ES256 said of a secp256k1 key', () => mixed('ES256', 'secp256k1', 'ES256', 'secp256k1'))
badText('ES256 in the form of OpenSSL (DER)', () => mixed('ES256', 'p256', 'RS256', 'rsa'))
bad('an RSA key of 1024 bits', () => ({ algorithm: 'RS256', key: 'weakRsa' }))
bad('a key for encryption', () => ({ key: 'encryption' }))

// Keys.
good('no kid, and one key of the algorithm', () => ({ rawHeader: '{"alg":"ES256"}' }))
for (const kid of [
  'P256',
  '',
  'p256 ',
  'p256\n',
  '../p256',
  '/dev/null',
  "p256' OR '1'='1",
  '__proto__',
  'constructor',
  'rsa',
  'x'.repeat(2_000)
])
  bad(`kid ${JSON.stringify(kid).slice(0, 24)}`, () => ({ header: { kid } }))
for (const kid of [1, ['p256'], { kid: 'p256' }, true])
  bad(`kid ${JSON.stringify(kid)}`, () => ({ header: { kid } }))
good('kid null, which is none', () => ({ header: { kid: null } }))
bad('a stranger’s key under a known kid', () => ({ key: 'stranger', header: { kid: 'p256' } }))
bad('a stranger’s key under its own kid', () => ({ key: 'stranger' }))
for (const [field, value] of [
  ['jwk', jwkOf('stranger')],
  ['jku', 'http://127.0.0.1:9/jwks'],
  ['x5u', 'http://127.0.0.1:9/cert'],
  ['x5c', ['MIIB']],
  ['x5t', 'abc'],
  ['jwks', { keys: [jwkOf('stranger')] }]
] as const) {
  good(`${field} beside the right signature`, () => ({ header: { [field]: value } }))
  bad(`${field} of the stranger who has signed it`, () => ({
    key: 'stranger',
    header: { kid: 'p256', [field]: value }
  }))
  bad(`${field} of a stranger, without a kid`, () => ({
    key: 'stranger',
    rawHeader: JSON.stringify({ alg: 'ES256', [field]: value })
  }))
}

// The header.
for (const crit of [['exp'], ['b64'], [], null, 'exp', { 0: 'exp' }, ['alg'], [1]])
  bad(`crit ${JSON.stringify(crit)}`, () => ({ header: { crit, b64: false, exp: 1 } }))
bad('crit alone', () => ({ header: { crit: ['https://x.test/ext'], 'https://x.test/ext': 1 } }))
bad('b64 false', () => ({ header: { b64: false } }))
for (const typ of ['JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt', 'application/JWT'])
  good(`typ ${typ}`, () => ({ header: { typ } }))
for (const typ of [
  'dpop+jwt',
  'logout+jwt',
  'secevent+jwt',
  'JOSE',
  'text/jwt',
  'application/',
  ' JWT',
  ['JWT'],
  1,
  null
])
  bad(`typ ${JSON.stringify(typ)}`, () => ({ header: { typ } }))
good('typ at+jwt where only that is taken', () => ({ header: { typ: 'at+jwt' } }), { path: '/access' })
for (const typ of ['JWT', undefined, '', 'at+jwt2'])
  bad(`typ ${typ} where only at+jwt is taken`, () => ({ header: { typ } }), { path: '/access' })
for (const cty of ['JWT', 'jwt', 'application/jwt', 1, null])
  bad(`cty ${JSON.stringify(cty)}`, () => ({ header: { cty } }))
bad('a token as the payload', () => ({ payload: token() }))
bad('a token within a token', () => ({ header: { cty: 'JWT' }, payload: token() }))
for (const rawHeader of [
  '',
  'null',
  '[]',
  '"ES256"',
  '{',
  '[{"alg":"ES256"}]',
  '{"alg":"none","alg":"ES256","kid":"p256"}',
  '{"alg":"ES256","kid":"x","kid":"p256"}',
  '{"\\u0061lg":"none","alg":"ES256","kid":"p256"}',
  '{"alg":"ES256","kid":"p256",}',
  '{"alg":"ES256","kid":"p256"}{}',
  '\ufeff{"alg":"ES256","kid":"p256"}',
  "{'alg':'ES256'}"
])
  bad(`the header ${rawHeader.slice(0, 40)}`, () => ({ rawHeader }))
bad('a huge header of the token', () => ({ header: { pad: 'x'.repeat(6_200) } }))
row(
  431,
  'a header beyond what is read',
  bearer(() => 'x'.repeat(20_000))
)

// Signatures and spellings.
const SIGNATURES: readonly (readonly [string, (signature: string) => string])[] = [
  ['empty', () => ''],
  ['of zeros', () => b64(Buffer.alloc(64))],
  ['half', (signature) => signature.slice(0, 43)],
  [
    'with a byte more',
    (signature) => b64(Buffer.concat([Buffer.from(signature, 'base64url'), Buffer.of(0)]))
  ],
  [
    'with one bit changed',
    (signature) => b64(Buffer.from(signature, 'base64url').map((byte, at) => (at === 9 ? byte ^ 1 : byte)))
  ],
  ['padded', (signature) => `${signature}==`],
  ['in another spelling of its bytes', (signature) => signature.slice(0, -1) + nextLetter(signature)],
  ['in plain base64', (signature) => `${signature.slice(0, -2)}+/`],
  ['with a line break in it', (signature) => `${signature.slice(0, 9)}%0A${signature.slice(9)}`],
  ['with what is no base64url', (signature) => `${signature.slice(0, -1)}!`],
  ['with a letter beyond ASCII', (signature) => `${signature.slice(0, -1)}\u00e9`],
  ['with a space in it', (signature) => `${signature.slice(0, 9)} ${signature.slice(9)}`],
  ['of another token', () => token().split('.')[2] as string]
]
for (const [name, change] of SIGNATURES)
  badText(`a signature ${name}`, () => bent(([head, body, signature]) => [head, body, change(signature)]))
badText('claims changed under the signature', () =>
  bent(([head, , signature]) => [head, b64(JSON.stringify(claimsOf({ sub: 'root' }))), signature])
)
badText('a detached payload', () => bent(([head, , signature]) => [head, '', signature]))
badText('no parts', () => '..')
badText('one part', () => bent(([head]) => [head]))
badText('two parts', () => bent(([head, body]) => [head, body]))
badText('four parts', () => bent((parts) => [...parts, parts[2]]))
badText('five parts, as if encrypted', () =>
  bent(([head, body, signature]) => [head, '', body, body, signature])
)
badText('encrypted', () =>
  ['{"alg":"dir","enc":"A128GCM"}', '', 'iviviviviviv', text(), 'tagtagtagtagtagt'].map(b64).join('.')
)
badText('padding within', () => bent(([head, body, signature]) => [`${head}=`, body, signature]))
badText('JSON serialization', () =>
  bent(([head, body, signature]) => [JSON.stringify({ payload: body, protected: head, signature })])
)
badText('percent-encoded', () => encodeURIComponent(token()).replaceAll('.', '%2E'))

// Claims.
for (const payload of ['', '1', 'null', '[]', '"x"', 'sub=ada', '{"sub":"ada"'])
  bad(`the payload ${payload}`, () => ({ payload }))
for (const name of ['iss', 'sub', 'exp', 'aud', '\\u0065xp', '\\u0073ub'])
  bad(`${name} twice`, () => ({
    payload: text().replace('{', `{"${name}":${/exp|0065/.test(name) ? 9_999_999_999 : '"api"'},`)
  }))
bad('a name twice in an inner object', () => ({ payload: text().replace('{', '{"a":{"b":1,"b":2},') }))
bad('__proto__', () => ({ payload: text().replace('{', '{"__proto__":{"sub":"root"},') }))
bad('half a surrogate pair', () => ({ payload: text().replace('ada', '\\ud83e') }))
bad('nested too deeply', () => ({ payload: text().replace('{', `{"a":${'['.repeat(64)}${']'.repeat(64)},`) }))
badText('no UTF-8', () =>
  ofBytes(
    Buffer.concat([Buffer.from(`${text().slice(0, -1)},"a":"`), Buffer.of(0xff, 0xfe), Buffer.from('"}')])
  )
)
badText('UTF-16', () => ofBytes(Buffer.from(text(), 'utf16le')))
good('names and values beyond ASCII', () => ({ claims: { 'https://x.test/роль': '🦆' } }))
good('names of Object.prototype', () => ({ claims: { constructor: 'x', toString: 'y', hasOwnProperty: 1 } }))
bad('expired a second beyond the skew', () => ({ claims: { exp: seconds() - SKEW - 1 } }))
bad('expired just at the skew', () => ({ claims: { exp: seconds() - SKEW } }))
good('expired a second within the skew', () => ({ claims: { exp: seconds() - SKEW + 1 } }), { within: 1 })
good('exp a fraction', () => ({ claims: { exp: seconds() + 20.25 } }))
good('exp with an exponent', () => ({
  payload: text().replace(/"exp":\d+/, `"exp":${(Math.floor(seconds()) + 300) / 100}e2`)
}))
good('exp the last second of the year 9999', () => ({ claims: { exp: 253_402_300_799 } }))
for (const exp of [0, 1, -1, -1e300, 1e300, 253_402_300_800, 1.8e12, null, '', 'never', true, [], {}])
  bad(`exp ${JSON.stringify(exp)}`, () => ({ claims: { exp } }))
for (const exp of [
  '1e999',
  'NaN',
  'Infinity',
  '+9999999999',
  '0x2540BE3FF',
  '09999999999',
  '9999999999.',
  '.9'
])
  bad(`exp ${exp}`, () => ({ payload: text().replace(/"exp":\d+/, `"exp":${exp}`) }))
bad('exp a text of digits', () => ({ claims: { exp: String(Math.floor(seconds()) + 300) } }))
bad('exp in milliseconds', () => ({ claims: { exp: Date.now() + 300_000 } }))
good('nbf a second within the skew', () => ({ claims: { nbf: seconds() + SKEW - 1 } }))
bad('nbf a second beyond the skew', () => ({ claims: { nbf: seconds() + SKEW + 1 } }), { within: 1 })
bad('nbf in an hour', () => ({ claims: { nbf: seconds() + 3_600 } }))
for (const nbf of ['0', null, [0], -1, 1e300]) bad(`nbf ${JSON.stringify(nbf)}`, () => ({ claims: { nbf } }))
bad('iat in an hour', () => ({ claims: { iat: seconds() + 3_600 } }))
for (const iat of ['0', null, -1]) bad(`iat ${JSON.stringify(iat)}`, () => ({ claims: { iat } }))
for (const name of ['iss', 'aud', 'exp', 'sub', 'jti']) bad(`no ${name}`, () => ({ less: name }))
for (const iss of [
  `${ISSUER}/`,
  ISSUER.toUpperCase(),
  `${ISSUER}.evil.test`,
  `${ISSUER}\u0000`,
  [ISSUER],
  '',
  null
])
  bad(`iss ${JSON.stringify(iss)}`, () => ({ claims: { iss } }))
good('the other issuer', () => ({ claims: { iss: 'https://two.example.test/' } }))
for (const aud of ['urn:api', ['api'], ['x', 'api'], ['urn:api', 'api']])
  good(`aud ${JSON.stringify(aud)}`, () => ({ claims: { aud } }))
for (const aud of [
  '',
  'API',
  'api2',
  'api ',
  'x',
  [],
  ['x'],
  ['api', 1],
  [['api']],
  { api: 1 },
  null,
  'x api'
])
  bad(`aud ${JSON.stringify(aud)}`, () => ({ claims: { aud } }))
for (const sub of ['', 1, null, ['ada'], {}]) bad(`sub ${JSON.stringify(sub)}`, () => ({ claims: { sub } }))

// Shared secrets.
good('HS256', () => ({ algorithm: 'HS256', key: Buffer.from(SECRET) }), { path: '/secret' })
for (const [name, making] of [
  ['HS512', { algorithm: 'HS512', key: Buffer.from(SECRET) }],
  ['another secret', { algorithm: 'HS256', key: Buffer.from(`${SECRET}.`) }],
  ['ES256', {}]
] as const)
  bad(`${name} where HS256 is expected`, () => making, { path: '/secret' })
row(
  401,
  'none where HS256 is expected',
  bearer(() => bent(([, body]) => [b64('{"alg":"none"}'), body, ''])),
  { path: '/secret' }
)

// Where it stands.
const sent = (status: number, name: string, lines: (token: string) => string): void =>
  row(status, name, () => lines(token()))
for (const scheme of ['bearer', 'BEARER', 'bEARER'])
  sent(200, scheme, (one) => `Authorization: ${scheme} ${one}`)
sent(200, 'spaces before and behind', (one) => `Authorization:   Bearer    ${one}   `)
sent(200, 'tabs before and behind', (one) => `Authorization:\tBearer ${one}\t`)
sent(200, 'the name in capitals', (one) => `AUTHORIZATION: Bearer ${one}`)
sent(
  400,
  'named as a field of the connection',
  (one) => `Connection: authorization\r\nAuthorization: Bearer ${one}`
)
for (const value of [
  '',
  'Bearer',
  'Bearer ',
  'Bearer\t$',
  'Bearer$',
  '$',
  'Token $',
  'Basic $',
  'Bearer: $',
  'Bearer, $',
  'Bearer $,',
  'Bearer $,$',
  'Bearer $, Bearer $',
  'Bearer x, Bearer $',
  'Basic eDp5, Bearer $',
  'Bearer $ $',
  'Bearer Bearer $',
  'Bearer "$"',
  "Bearer '$'",
  'Bearer <$>',
  'Bearer $;',
  'Bearer token=$',
  'Bearer $\u00e9',
  '\u00a0Bearer $',
  'Bearer\u00a0$',
  'Bearer $\u00a0'
])
  sent(401, `Authorization: ${value}`, (one) => `Authorization: ${value.replaceAll('$', one)}`)
for (const [first, second] of [
  ['Bearer $', 'Bearer $'],
  ['Bearer $', 'Bearer x'],
  ['Bearer x', 'Bearer $'],
  ['Basic eDp5', 'Bearer $'],
  ['Bearer $', 'Basic eDp5'],
  ['', 'Bearer $']
] as const)
  sent(
    401,
    `twice: ${first} and ${second}`,
    (one) => `Authorization: ${first.replace('$', one)}\r\naUTHORIZATION: ${second.replace('$', one)}`
  )
for (const name of [
  'X-Authorization',
  'Proxy-Authorization',
  'Authorization2',
  'Authentication',
  'X-Forwarded-Authorization'
])
  sent(401, name, (one) => `${name}: Bearer ${one}`)
sent(401, 'a cookie', (one) => `Cookie: authorization=${one}; access_token=${one}`)
sent(
  401,
  'a trailer',
  (one) => `Transfer-Encoding: chunked\r\nTrailer: Authorization\r\n\r\n0\r\nAuthorization: Bearer ${one}`
)
sent(400, 'a folded line', (one) => `Authorization: Bearer\r\n ${one}`)
sent(400, 'a space before the colon', (one) => `Authorization : Bearer ${one}`)
sent(400, 'a name with an underscore', (one) => `Authorization_: Bearer ${one}`)
sent(400, 'a NUL', (one) => `Authorization: Bearer ${one}\0`)

/** The next letter of base64url: where the last one carries two bits, the same bytes. */
function nextLetter(part: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return alphabet[alphabet.indexOf(part.at(-1) as string) + 1] as string
}

test('of a matrix of tokens over HTTP the upstream sees those that are right, each once, and nothing of any other', async (t) => {
  const upstream = await fakeUpstream(t)
  const provider = await fakeUpstream(t, { body: JSON.stringify(KEY_SET) })
  const scheme = (more: object) => ({
    type: 'jwt',
    issuer: [ISSUER, 'https://two.example.test/'],
    audience: ['api', 'urn:api'],
    requiredClaims: ['jti'],
    keys: { url: `${provider.url}/jwks`, allowHttp: true },
    ...more
  })
  const { port } = await startGateway(t, {
    pools: { api: { endpoints: [upstream.url] } },
    authentication: {
      schemes: {
        tokens: scheme({}),
        access: scheme({ types: ['at+jwt'] }),
        secret: scheme({ keys: { secret: SECRET } })
      },
      headers: { 'x-user': 'subject' },
      failures: false
    },
    routes: ['tokens', 'access', 'secret'].map((id) => ({ id, path: `/${id}/*`, pool: 'api', auth: id }))
  } as GatewayServerConfig)
  assert.ok(rows.length >= 300, String(rows.length))
  const answered = new Map<string, number>()
  const ask = async (at: string, { lines, within = Number.POSITIVE_INFINITY }: Row): Promise<number> => {
    for (let attempt = 0; ; attempt++) {
      const head = `GET ${at}/${attempt} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n`
      const before = performance.now()
      const response = await rawRequest(port, `${head}${lines()}\r\n\r\n`)
      const { status } = response
      if (performance.now() - before > within * 1_000 && attempt < 20) continue
      if (status === 200) answered.set(`${at}/${attempt}`, status)
      if (status === 401) assert.match(String(response.header('www-authenticate')), /^Bearer realm="gateway"/)
      return status
    }
  }
  const wrong: string[] = []
  for (const [index, one] of rows.entries()) {
    const status = await ask(`${one.path}/${index}`, one)
    if (status !== one.status) wrong.push(`${one.name}: ${status} instead of ${one.status}`)
  }
  assert.deepEqual(wrong, [])
  const seen = upstream.requests.map(({ target }) => target)
  for (const target of answered.keys()) assert.equal(seen.filter((one) => one === target).length, 1, target)
  const right = rows.flatMap(({ path, status }, index) => (status === 200 ? [`${path}/${index}`] : []))
  assert.deepEqual([...new Set(seen.map((target) => target.replace(/\/\d+$/, '')))], right)
  for (const request of upstream.requests)
    assert.deepEqual([request.headerAll('authorization'), request.headerAll('x-user')], [[], ['ada']])
  assert.equal(provider.requests.length, 2)
})
