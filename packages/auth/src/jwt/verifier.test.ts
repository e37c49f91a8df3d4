import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { test } from 'node:test'
import { signatureOf, signedToken } from '@gatewright/testing'
import type { JwtAlgorithm } from './algorithms.js'
import { ASYMMETRIC } from './algorithms.js'
import { loadJose } from './jose.js'
import { keySetOf } from './key-set.js'
import { type KeySource, StaticKeys } from './key-source.js'
import { secretKey, staticKeySet } from './static-keys.js'
import type { VerificationKey } from './verification-key.js'
import { type VerifiedToken, Verifier, type VerifierRules } from './verifier.js'

const NOW = Date.UTC(2026, 0, 1) / 1_000
const ISSUER = 'https://id.example.test'
const SECRET = 'a secret of thirty-two bytes or more, by chance alone, that is long enough for all hashes'

const pairs = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  otherRsa: generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  smallRsa: generateKeyPairSync('rsa', { modulusLength: 1_024 }),
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  otherP256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  p384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  p521: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  secp256k1: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  ed25519: generateKeyPairSync('ed25519'),
  encryption: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  notVerifying: generateKeyPairSync('ec', { namedCurve: 'P-256' })
}
type Name = keyof typeof pairs
const privateOf = (name: Name): KeyObject => pairs[name].privateKey
const jwkOf = (name: Name, more: object = {}): Record<string, unknown> => ({
  ...pairs[name].publicKey.export({ format: 'jwk' }),
  kid: name,
  ...more
})

const KEYS = {
  keys: [
    jwkOf('rsa'),
    jwkOf('smallRsa'),
    jwkOf('p256', { use: 'sig' }),
    jwkOf('p384', { alg: 'ES384', key_ops: ['verify'] }),
    jwkOf('p521'),
    jwkOf('secp256k1'),
    jwkOf('ed25519'),
    jwkOf('encryption', { use: 'enc' }),
    jwkOf('notVerifying', { key_ops: ['deriveKey'] }),
    { ...jwkOf('otherRsa'), kid: 'rs512-only', alg: 'RS512' },
    { kty: 'oct', kid: 'shared', k: Buffer.from(SECRET).toString('base64url') }
  ]
}

const RULES: VerifierRules = {
  algorithms: new Set<string>(ASYMMETRIC),
  types: new Set(['', 'jwt', 'at+jwt']),
  issuers: new Set([ISSUER, 'https://second.example.test']),
  audiences: new Set(['api', 'urn:api']),
  clockSkewMs: 60_000,
  requiredClaims: ['jti'],
  maxLifetimeMs: 3_600_000,
  maxTokenBytes: 8_192,
  maxCached: 1_000
}

const jose = await loadJose()

function verifierOf(keys: KeySource, rules: Partial<VerifierRules> = {}, now = () => NOW * 1_000) {
  return new Verifier<VerifiedToken>(
    { ...RULES, ...rules },
    { keys, jose, wallClock: now, make: (token) => token }
  )
}

const ask = (verifier: Verifier<VerifiedToken>, token: string): Promise<string> =>
  new Promise((resolve) => {
    verifier.verify(token, (verdict) =>
      resolve(verdict.kind === 'valid' ? 'valid' : `${verdict.kind}: ${verdict.why}`)
    )
  })

const CLAIMS = { iss: ISSUER, aud: 'api', sub: 'ada', jti: '1', iat: NOW - 10, exp: NOW + 300 }
const without = (name: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(CLAIMS).filter(([one]) => one !== name))
const b64 = (text: string | Uint8Array): string => Buffer.from(text as string).toString('base64url')

/** A token of the P-256 key, unless it says otherwise. */
function token({
  claims = {},
  payload,
  header = {},
  rawHeader,
  algorithm = 'ES256',
  key = 'p256'
}: {
  claims?: object
  payload?: string
  header?: Record<string, unknown>
  rawHeader?: string
  algorithm?: string
  key?: Name
} = {}): string {
  return signedToken({
    header: rawHeader ?? { kid: key, ...header },
    claims: payload ?? ({ ...CLAIMS, ...claims } as Record<string, unknown>),
    algorithm,
    key: privateOf(key)
  })
}

const GOOD = token()
const [HEAD = '', BODY = '', SIGNATURE = ''] = GOOD.split('.')
const swapped = (head: object, signature = SIGNATURE): string =>
  `${b64(JSON.stringify(head))}.${BODY}.${signature}`
const pemBytes = (name: Name): Buffer =>
  Buffer.from(pairs[name].publicKey.export({ type: 'spki', format: 'pem' }) as string)
const hmacOf = (head: object, key: Uint8Array): string => {
  const signed = `${b64(JSON.stringify(head))}.${BODY}`
  return `${signed}.${b64(signatureOf(signed, 'HS256', key))}`
}
const derOf = (algorithm: string, key: Name): string => {
  const signed = `${b64(JSON.stringify({ alg: algorithm, kid: key }))}.${BODY}`
  return `${signed}.${b64(signatureOf(signed, 'RS256', privateOf('rsa')))}`
}
const text = JSON.stringify(CLAIMS)

type Row = readonly [name: string, token: string]

const VALID: readonly Row[] = [
  ['ES256', GOOD],
  ['RS256', token({ algorithm: 'RS256', key: 'rsa' })],
  ['RS384', token({ algorithm: 'RS384', key: 'rsa' })],
  ['RS512', token({ algorithm: 'RS512', key: 'rsa' })],
  ['PS256', token({ algorithm: 'PS256', key: 'rsa' })],
  ['PS384', token({ algorithm: 'PS384', key: 'rsa' })],
  ['PS512', token({ algorithm: 'PS512', key: 'rsa' })],
  ['ES384', token({ algorithm: 'ES384', key: 'p384' })],
  ['ES512', token({ algorithm: 'ES512', key: 'p521' })],
  ['EdDSA', token({ algorithm: 'EdDSA', key: 'ed25519' })],
  ['Ed25519', token({ algorithm: 'Ed25519', key: 'ed25519' })],
  [
    'RS512 with a key for it alone',
    token({ algorithm: 'RS512', key: 'otherRsa', header: { kid: 'rs512-only' } })
  ],
  ['no key id, one key for the algorithm', token({ rawHeader: '{"alg":"ES256"}' })],
  ['typ JWT', token({ header: { typ: 'JWT' } })],
  ['typ at+jwt', token({ header: { typ: 'at+jwt' } })],
  ['typ AT+JWT', token({ header: { typ: 'AT+JWT' } })],
  ['typ application/at+jwt', token({ header: { typ: 'application/at+jwt' } })],
  ['cty that is no token', token({ header: { cty: 'application/json' } })],
  ['expired within the skew', token({ claims: { exp: NOW - 59 } })],
  ['a fraction before expiry and skew', token({ claims: { exp: NOW - 59.5 } })],
  ['good from the skew on', token({ claims: { nbf: NOW + 60 } })],
  ['issued as far in the future as the skew', token({ claims: { iat: NOW + 60 } })],
  ['a lifetime of just an hour', token({ claims: { iat: NOW, exp: NOW + 3_600 } })],
  ['no iat, and an hour left', token({ payload: JSON.stringify({ ...without('iat'), exp: NOW + 3_600 }) })],
  ['the second issuer', token({ claims: { iss: 'https://second.example.test' } })],
  ['the second audience', token({ claims: { aud: 'urn:api' } })],
  ['one audience of a list', token({ claims: { aud: ['other', 'api'] } })],
  ['times with an exponent', token({ payload: text.replace(String(NOW + 300), `${(NOW + 300) / 100}e2`) })],
  ['claims beyond ASCII', token({ claims: { name: 'Ådå 🦆', 'https://x.test/роль': 'ä' } })],
  ['a claim called constructor', token({ claims: { constructor: 'x', toString: 'y' } })],
  ['whitespace within the JSON', token({ payload: ` ${JSON.stringify(CLAIMS, null, 2)}\n` })],
  ['an embedded jwk that is not looked at', token({ header: { jwk: jwkOf('otherP256') } })],
  ['a jku that is not looked at', token({ header: { jku: 'https://evil.test/jwks' } })],
  ['an x5u that is not looked at', token({ header: { x5u: 'https://evil.test/cert' } })],
  ['an x5c that is not looked at', token({ header: { x5c: ['MIIB'] } })],
  ['an unknown field in the header', token({ header: { future: true } })],
  ['a long token within the limit', token({ claims: { pad: 'x'.repeat(5_500) } })]
]

const INVALID: readonly Row[] = [
  // Algorithms and keys.
  ['alg none, no signature', `${b64('{"alg":"none"}')}.${BODY}.`],
  ['alg none, the signature kept', swapped({ alg: 'none', kid: 'p256' })],
  ['alg None', swapped({ alg: 'None', kid: 'p256' })],
  ['alg NONE, no signature', `${b64('{"alg":"NONE"}')}.${BODY}.`],
  ['alg nOnE', swapped({ alg: 'nOnE' })],
  ['alg in lower case', swapped({ alg: 'es256', kid: 'p256' })],
  ['alg with a space', swapped({ alg: 'ES256 ', kid: 'p256' })],
  ['alg empty', swapped({ alg: '' })],
  ['alg missing', swapped({ kid: 'p256' })],
  ['alg null', swapped({ alg: null })],
  ['alg a list', swapped({ alg: ['ES256'], kid: 'p256' })],
  ['alg a number', swapped({ alg: 256 })],
  ['alg toString', swapped({ alg: 'toString', kid: 'p256' })],
  ['alg __proto__', `${b64('{"alg":"__proto__"}')}.${BODY}.${SIGNATURE}`],
  ['alg unknown', swapped({ alg: 'ES256K', kid: 'p256' })],
  ['alg of encryption', swapped({ alg: 'RSA-OAEP', kid: 'rsa' })],
  ['HS256 with the public key in PEM as the secret', hmacOf({ alg: 'HS256', kid: 'rsa' }, pemBytes('rsa'))],
  [
    'HS256 with the public key in PEM, cut',
    hmacOf({ alg: 'HS256', kid: 'p256' }, Buffer.from(String(pemBytes('p256')).trim()))
  ],
  [
    'HS256 with the JWK as the secret',
    hmacOf({ alg: 'HS256', kid: 'rsa' }, Buffer.from(JSON.stringify(jwkOf('rsa'))))
  ],
  [
    'HS256 with the modulus as the secret',
    hmacOf({ alg: 'HS256', kid: 'rsa' }, Buffer.from(jwkOf('rsa').n as string, 'base64url'))
  ],
  [
    'HS256 with the shared secret of the key set',
    hmacOf({ alg: 'HS256', kid: 'shared' }, Buffer.from(SECRET))
  ],
  ['HS256 with an empty secret', hmacOf({ alg: 'HS256', kid: 'p256' }, Buffer.alloc(0))],
  ['RS256 signed, ES256 said', derOf('ES256', 'p256')],
  ['RS256 signed, PS256 said', derOf('PS256', 'rsa')],
  [
    'PS256 signed, RS256 said',
    `${b64(JSON.stringify({ alg: 'RS256', kid: 'rsa' }))}.${BODY}.${b64(signatureOf(`${b64(JSON.stringify({ alg: 'RS256', kid: 'rsa' }))}.${BODY}`, 'PS256', privateOf('rsa')))}`
  ],
  [
    'RS384 signed, RS256 said',
    `${b64(JSON.stringify({ alg: 'RS256', kid: 'rsa' }))}.${BODY}.${b64(signatureOf(`${b64(JSON.stringify({ alg: 'RS256', kid: 'rsa' }))}.${BODY}`, 'RS384', privateOf('rsa')))}`
  ],
  ['ES256 said of a key for ES384', swapped({ alg: 'ES256', kid: 'p384' })],
  ['ES384 said of a P-256 key', swapped({ alg: 'ES384', kid: 'p256' })],
  [
    'RS256 with a key that is for RS512 alone',
    token({ algorithm: 'RS256', key: 'otherRsa', header: { kid: 'rs512-only' } })
  ],
  ['an RSA key of 1024 bits', token({ algorithm: 'RS256', key: 'smallRsa' })],
  ['a key for encryption', token({ key: 'encryption' })],
  ['a key that may not verify', token({ key: 'notVerifying' })],
  ['a curve that there is not', `${b64('{"alg":"ES256","kid":"secp256k1"}')}.${BODY}.${SIGNATURE}`],
  ['a key that nobody has published', token({ key: 'otherP256' })],
  ['somebody else’s key under a known id', token({ key: 'otherP256', header: { kid: 'p256' } })],
  [
    'an embedded jwk that has signed it',
    token({ key: 'otherP256', header: { kid: 'p256', jwk: jwkOf('otherP256') } })
  ],
  [
    'an embedded jwk and no key id',
    token({ key: 'otherP256', rawHeader: JSON.stringify({ alg: 'ES256', jwk: jwkOf('otherP256') }) })
  ],
  ['a jku of a stranger', token({ key: 'otherP256', header: { kid: 'x', jku: 'https://evil.test/jwks' } })],
  ['an x5u of a stranger', token({ key: 'otherP256', header: { kid: 'x', x5u: 'https://evil.test/cert' } })],
  ['an x5c of a stranger', token({ key: 'otherP256', header: { kid: 'p256', x5c: ['MIIB'] } })],
  ['kid in another case', token({ header: { kid: 'P256' } })],
  ['kid empty', token({ header: { kid: '' } })],
  ['kid a number', token({ header: { kid: 1 } })],
  ['kid a list', token({ header: { kid: ['p256'] } })],
  ['kid a path', token({ header: { kid: '../../../../dev/null' } })],
  ['kid with SQL', token({ header: { kid: "p256' OR '1'='1" } })],
  ['kid with a line break', token({ header: { kid: 'p256\n' } })],
  ['kid too long', token({ header: { kid: 'k'.repeat(1_025) } })],
  ['kid __proto__', token({ header: { kid: '__proto__' } })],
  // Signatures.
  ['no signature', `${HEAD}.${BODY}.`],
  ['a signature of zeros', `${HEAD}.${BODY}.${b64(Buffer.alloc(64))}`],
  [
    'a signature of r and s one',
    `${HEAD}.${BODY}.${b64(Buffer.concat([Buffer.alloc(31), Buffer.from([1]), Buffer.alloc(31), Buffer.from([1])]))}`
  ],
  ['half a signature', `${HEAD}.${BODY}.${SIGNATURE.slice(0, 43)}`],
  [
    'a signature with one byte more',
    `${HEAD}.${BODY}.${b64(Buffer.concat([Buffer.from(SIGNATURE, 'base64url'), Buffer.from([0])]))}`
  ],
  [
    'a signature with one bit changed',
    `${HEAD}.${BODY}.${b64(Buffer.from(SIGNATURE, 'base64url').map((byte, index) => (index === 5 ? byte ^ 1 : byte)))}`
  ],
  ['the signature of another token', `${HEAD}.${BODY}.${token({ claims: { sub: 'eve' } }).split('.')[2]}`],
  [
    'other claims under the signature',
    `${HEAD}.${b64(JSON.stringify({ ...CLAIMS, sub: 'root' }))}.${SIGNATURE}`
  ],
  ['another header under the signature', swapped({ alg: 'ES256', kid: 'p256', typ: 'JWT' })],
  // The compact form.
  ['empty', ''],
  ['one dot', '.'],
  ['two dots', '..'],
  ['one part', HEAD],
  ['two parts', `${HEAD}.${BODY}`],
  ['four parts', `${GOOD}.${SIGNATURE}`],
  ['five parts, as if encrypted', `${HEAD}.${BODY}.${BODY}.${BODY}.${SIGNATURE}`],
  ['an empty header', `.${BODY}.${SIGNATURE}`],
  ['an empty payload: a detached signature', `${HEAD}..${SIGNATURE}`],
  ['a dot more at the end', `${GOOD}.`],
  ['a dot more at the start', `.${GOOD}`],
  ['a space before', ` ${GOOD}`],
  ['a space behind', `${GOOD} `],
  ['a space within', `${HEAD}. ${BODY}.${SIGNATURE}`],
  ['a line break behind', `${GOOD}\n`],
  ['a tab within', `${HEAD}\t.${BODY}.${SIGNATURE}`],
  ['padding', `${HEAD}=.${BODY}.${SIGNATURE}`],
  ['padding of the signature', `${GOOD}==`],
  ['plain base64', plainBase64()],
  [
    'a spelling of the same bytes that is not canonical',
    `${HEAD}.${BODY}.${SIGNATURE.slice(0, -1)}${otherSpelling(SIGNATURE)}`
  ],
  ['what is no base64url', `${HEAD}.${BODY}.${SIGNATURE.slice(0, -1)}!`],
  ['beyond ASCII', `${HEAD}.${BODY}.${SIGNATURE.slice(0, -1)}é`],
  ['full-width letters', GOOD.replace('e', 'ｅ')],
  ['a NUL', `${GOOD}\0`],
  ['quoted', `"${GOOD}"`],
  ['two tokens', `${GOOD},${GOOD}`],
  ['JSON serialization', JSON.stringify({ protected: HEAD, payload: BODY, signature: SIGNATURE })],
  ['too long', token({ claims: { pad: 'x'.repeat(8_192) } })],
  ['a huge header', token({ header: { pad: 'x'.repeat(8_192) } })],
  // The header.
  ['a header that is no JSON', token({ rawHeader: 'ES256' })],
  ['a header that is a list', token({ rawHeader: '[{"alg":"ES256","kid":"p256"}]' })],
  ['a header that is null', token({ rawHeader: 'null' })],
  ['a header with alg twice', token({ rawHeader: '{"alg":"none","alg":"ES256","kid":"p256"}' })],
  ['a header with kid twice', token({ rawHeader: '{"alg":"ES256","kid":"x","kid":"p256"}' })],
  [
    'a header with alg twice, once escaped',
    token({ rawHeader: '{"\\u0061lg":"none","alg":"ES256","kid":"p256"}' })
  ],
  ['a header with a comment', token({ rawHeader: '{"alg":"ES256",/* */"kid":"p256"}' })],
  ['a header with a comma too many', token({ rawHeader: '{"alg":"ES256","kid":"p256",}' })],
  ['a header with text behind', token({ rawHeader: '{"alg":"ES256","kid":"p256"}{}' })],
  ['a header with a byte order mark', token({ rawHeader: '\ufeff{"alg":"ES256","kid":"p256"}' })],
  ['crit of an unknown extension', token({ header: { crit: ['exp'], exp: NOW + 300 } })],
  ['crit empty', token({ header: { crit: [] } })],
  ['crit null', token({ header: { crit: null } })],
  ['crit b64 with b64 false', token({ header: { crit: ['b64'], b64: false } })],
  ['b64 false without crit', token({ header: { b64: false } })],
  ['b64 true', token({ header: { b64: true } })],
  ['typ of a logout token', token({ header: { typ: 'logout+jwt' } })],
  ['typ of a proof of possession', token({ header: { typ: 'dpop+jwt' } })],
  ['typ a list', token({ header: { typ: ['JWT'] } })],
  ['typ application and nothing more, which is not none', token({ header: { typ: 'application/' } })],
  ['typ text/JWT', token({ header: { typ: 'text/jwt' } })],
  ['cty JWT: a token within a token', token({ header: { cty: 'JWT' }, payload: GOOD })],
  ['cty JWT around claims', token({ header: { cty: 'jwt' } })],
  ['a token as the payload', token({ payload: GOOD })],
  // The payload.
  ['a payload that is no JSON', token({ payload: 'sub=ada' })],
  ['a payload that is a text', token({ payload: '"claims"' })],
  ['a payload that is a list', token({ payload: `[${text}]` })],
  [
    'a payload that is no UTF-8',
    tokenOfBytes(
      Buffer.from([
        ...Buffer.from(text.slice(0, -1)),
        ...Buffer.from(',"x":"'),
        0xc3,
        0x28,
        ...Buffer.from('"}')
      ])
    )
  ],
  ['a payload in UTF-16', tokenOfBytes(Buffer.from(text, 'utf16le'))],
  ['sub twice', token({ payload: text.replace('{', '{"sub":"root",') })],
  ['sub twice, once escaped', token({ payload: text.replace('{', '{"\\u0073ub":"root",') })],
  ['exp twice', token({ payload: text.replace('{', `{"exp":${NOW - 1_000},`) })],
  [
    'a name twice in an inner object',
    token({ payload: text.replace('{', '{"realm":{"roles":["a"],"roles":["b"]},') })
  ],
  ['__proto__ as a name', token({ payload: text.replace('{', '{"__proto__":{"admin":true},') })],
  ['half a surrogate pair', token({ payload: text.replace('ada', '\\ud83e') })],
  ['too deep', token({ payload: text.replace('{', `{"deep":${'['.repeat(40)}${']'.repeat(40)},`) })],
  ['NaN as a time', token({ payload: text.replace(String(NOW + 300), 'NaN') })],
  ['a number beyond all bounds', token({ payload: text.replace(String(NOW + 300), '1e999') })],
  // Claims.
  ['expired a second beyond the skew', token({ claims: { exp: NOW - 61 } })],
  ['expired just at the skew', token({ claims: { exp: NOW - 60 } })],
  ['expired long ago', token({ claims: { iat: 1, exp: 2 } })],
  ['exp missing', token({ payload: JSON.stringify(without('exp')) })],
  ['exp null', token({ claims: { exp: null } })],
  ['exp a text', token({ claims: { exp: String(NOW + 300) } })],
  ['exp a list', token({ claims: { exp: [NOW + 300] } })],
  ['exp true', token({ claims: { exp: true } })],
  ['exp negative', token({ claims: { exp: -1 } })],
  ['exp in milliseconds', token({ claims: { exp: (NOW + 300) * 1_000 } })],
  ['good from a second beyond the skew on', token({ claims: { nbf: NOW + 61 } })],
  ['nbf a text', token({ claims: { nbf: String(NOW - 1) } })],
  ['nbf null', token({ claims: { nbf: null } })],
  ['issued a second beyond the skew in the future', token({ claims: { iat: NOW + 61 } })],
  ['iat a text', token({ claims: { iat: 'yesterday' } })],
  ['good for longer than an hour', token({ claims: { iat: NOW, exp: NOW + 3_601 } })],
  [
    'no iat, and more than an hour left',
    token({ payload: JSON.stringify({ ...without('iat'), exp: NOW + 3_601 }) })
  ],
  ['iss missing', token({ payload: JSON.stringify(without('iss')) })],
  ['iss of a stranger', token({ claims: { iss: 'https://evil.test' } })],
  ['iss with a slash more', token({ claims: { iss: `${ISSUER}/` } })],
  ['iss in another case', token({ claims: { iss: ISSUER.toUpperCase() } })],
  ['iss that begins right', token({ claims: { iss: `${ISSUER}.evil.test` } })],
  ['iss a list', token({ claims: { iss: [ISSUER] } })],
  ['aud missing', token({ payload: JSON.stringify(without('aud')) })],
  ['aud of another service', token({ claims: { aud: 'billing' } })],
  ['aud a list of others', token({ claims: { aud: ['billing', 'users'] } })],
  ['aud an empty list', token({ claims: { aud: [] } })],
  ['aud a list with what is no text', token({ claims: { aud: ['api', 1] } })],
  ['aud a list in a list', token({ claims: { aud: [['api']] } })],
  ['aud an object', token({ claims: { aud: { 0: 'api', length: 1 } } })],
  ['aud that begins right', token({ claims: { aud: 'api2' } })],
  ['a required claim missing', token({ payload: JSON.stringify(without('jti')) })],
  ['a required claim null', token({ claims: { jti: null } })]
]

function otherSpelling(part: string): string {
  // The last letter of 64 bytes carries 2 bits: any other with these bits means the same bytes.
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return alphabet[alphabet.indexOf(part.at(-1) as string) + 1] as string
}

function plainBase64(): string {
  for (;;) {
    const plain = token().replaceAll('-', '+').replaceAll('_', '/')
    if (/[+/]/.test(plain)) return plain
  }
}

function tokenOfBytes(payload: Buffer): string {
  const signed = `${b64('{"alg":"ES256","kid":"p256"}')}.${b64(payload)}`
  return `${signed}.${b64(signatureOf(signed, 'ES256', privateOf('p256')))}`
}

const fromSet = new StaticKeys(keySetOf(KEYS))

test('of a matrix of tokens exactly the right ones pass', async () => {
  assert.ok(VALID.length + INVALID.length >= 120)
  const verifier = verifierOf(fromSet)
  const wrong: string[] = []
  for (const [name, one] of VALID) {
    const verdict = await ask(verifier, one)
    if (verdict !== 'valid') wrong.push(`${name}: ${verdict}`)
  }
  for (const [name, one] of INVALID) {
    const verdict = await ask(verifier, one)
    if (!verdict.startsWith('invalid: ')) wrong.push(`${name}: ${verdict}`)
  }
  assert.deepEqual(wrong, [])
})

test('what was refused or passed once is refused or passes again', async () => {
  const verifier = verifierOf(fromSet)
  for (const [name, one] of [...VALID, ...INVALID])
    assert.equal(await ask(verifier, one), await ask(verifier, one), name)
  const first = new Set(await Promise.all(VALID.map(([, one]) => ask(verifier, one))))
  assert.deepEqual([...first], ['valid'])
})

test('no reason quotes anything of the token', async () => {
  const verifier = verifierOf(fromSet)
  const leaked = 'leak-me-not'
  for (const one of [
    token({ claims: { iss: leaked } }),
    token({ claims: { aud: leaked } }),
    token({ claims: { exp: leaked } }),
    token({ header: { alg: leaked } }),
    token({ header: { kid: leaked } }),
    token({ header: { typ: leaked } }),
    token({ payload: leaked }),
    token({ payload: `{"${leaked}":1,"${leaked}":2}` }),
    `${leaked}.${leaked}.${leaked}`
  ])
    assert.doesNotMatch(await ask(verifier, one), /leak/)
})

test('with a shared secret only HMAC passes, and only of that secret', async () => {
  const key = secretKey(SECRET)
  const hmac = verifierOf(new StaticKeys(staticKeySet([key])), { algorithms: new Set(['HS256', 'HS512']) })
  const signed = (algorithm: JwtAlgorithm, secret: string | Buffer, header = {}): string =>
    signedToken({ header, claims: CLAIMS, algorithm, key: Buffer.from(secret as string) })
  assert.equal(await ask(hmac, signed('HS256', SECRET)), 'valid')
  assert.equal(await ask(hmac, signed('HS512', SECRET, { kid: 'any' })), 'valid')
  assert.match(await ask(hmac, signed('HS384', SECRET)), /algorithm/)
  assert.match(await ask(hmac, signed('HS256', `${SECRET} `)), /signature/)
  assert.match(await ask(hmac, signed('HS256', '')), /signature/)
  assert.match(await ask(hmac, GOOD), /algorithm/)
})

test('a remembered token is refused from its expiry and the skew on, and before its time', async () => {
  let now = NOW * 1_000
  const verifier = verifierOf(fromSet, {}, () => now)
  const one = token({ claims: { nbf: NOW - 5, exp: NOW + 10 } })
  assert.equal(await ask(verifier, one), 'valid')
  now = (NOW + 69) * 1_000 + 999
  assert.equal(await ask(verifier, one), 'valid')
  assert.equal(verifier.counts.hits, 1)
  assert.notEqual(verifier.recall(one), null)
  now = (NOW + 70) * 1_000
  assert.match(await ask(verifier, one), /expired 60 s ago/)
  assert.equal(verifier.recall(one), null)
  now = (NOW - 71) * 1_000
  assert.match(await ask(verifier, one), /good only in 66 s/)
})

test('a remembered token is refused when its key is withdrawn, and passes when only another key is', async () => {
  const set = keySetOf(KEYS)
  const verifier = verifierOf(new StaticKeys(set))
  const rsa = token({ algorithm: 'RS256', key: 'rsa' })
  assert.equal(await ask(verifier, GOOD), 'valid')
  assert.equal(await ask(verifier, rsa), 'valid')
  for (const key of set.keys) if (key.kid === 'p256') key.live = false
  assert.match(await ask(verifier, GOOD), /withdrawn/)
  assert.equal(await ask(verifier, rsa), 'valid')
  assert.equal(verifier.counts.hits, 1)
})

test('a token that is asked for many times at once is verified once', async () => {
  let verified = 0
  const verifier = new Verifier<VerifiedToken>(RULES, {
    keys: fromSet,
    jose: {
      ...jose,
      verify: (...of) => {
        verified++
        return jose.verify(...of)
      }
    },
    wallClock: () => NOW * 1_000,
    make: (one) => one
  })
  const verdicts = await Promise.all(Array.from({ length: 50 }, () => ask(verifier, GOOD)))
  assert.deepEqual(new Set(verdicts), new Set(['valid']))
  assert.equal(verified, 1)
  const wrong = `${HEAD}.${BODY}.${b64(Buffer.alloc(64, 7))}`
  for (let n = 0; n < 20; n++) await ask(verifier, wrong)
  assert.equal(verified, 2)
})

test('without a cache every request verifies', async () => {
  const verifier = verifierOf(fromSet, { maxCached: 0 })
  assert.equal(await ask(verifier, GOOD), 'valid')
  assert.equal(await ask(verifier, GOOD), 'valid')
  assert.equal(verifier.counts.hits, 0)
  assert.equal(verifier.cached, 0)
})

test('a good token is found again at once, whatever else has its end', async () => {
  const verifier = verifierOf(fromSet)
  assert.equal(await ask(verifier, GOOD), 'valid')
  const sameEnd = `${b64('{"alg":"ES256","kid":"p256","x":1}')}.${BODY}.${SIGNATURE}`
  assert.match(await ask(verifier, sameEnd), /signature/)
  let known: string | null = null
  verifier.verify(GOOD, ({ kind }) => {
    known = kind
  })
  assert.equal(known, 'valid')
  assert.equal(verifier.recall(sameEnd), null)
})

test('claims have no prototype, and nobody can change them', async () => {
  const verifier = verifierOf(fromSet)
  const claims = await new Promise<object>((resolve, reject) => {
    verifier.verify(token({ claims: { realm: { roles: ['a'] } } }), (verdict) =>
      verdict.kind === 'valid' ? resolve(verdict.token.claims) : reject(new Error(verdict.why))
    )
  })
  assert.equal(Object.getPrototypeOf(claims), null)
  assert.throws(() => Object.assign(claims, { sub: 'root' }), TypeError)
  assert.throws(() => (claims as { realm: { roles: string[] } }).realm.roles.push('admin'), TypeError)
})

test('without a key id all keys of the algorithm are tried, but no more than four', async () => {
  const few = generateKeys(4)
  const many = generateKeys(5)
  const tokenOf = ({ privateKey }: { privateKey: KeyObject }): string =>
    signedToken({ claims: CLAIMS, algorithm: 'ES256', key: privateKey })
  const last = few.at(-1) as { privateKey: KeyObject }
  assert.equal(await ask(verifierOf(new StaticKeys(setOf(few))), tokenOf(last)), 'valid')
  assert.match(
    await ask(verifierOf(new StaticKeys(setOf(many))), tokenOf(many[0] as { privateKey: KeyObject })),
    /no key/
  )
})

function generateKeys(count: number): { privateKey: KeyObject; publicKey: KeyObject }[] {
  return Array.from({ length: count }, () => generateKeyPairSync('ec', { namedCurve: 'P-256' }))
}

function setOf(keys: readonly { publicKey: KeyObject }[]): ReturnType<typeof keySetOf> {
  return keySetOf({
    keys: keys.map(({ publicKey }) =>
      createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({ format: 'jwk' })
    )
  })
}

test('where no known key has signed a token, those that have taken their place are tried, and only those', async () => {
  const [old, next] = [jwkOf('otherP256', { kid: 'p256' }), jwkOf('p256')].map((jwk) =>
    keySetOf({ keys: [jwk] })
  )
  const asked: number[] = []
  const source = (others: () => readonly VerificationKey[]): KeySource => ({
    find: (_algorithm, _kid, take) => take(old?.keys ?? []),
    findOthers(_algorithm, _kid, tried, take) {
      asked.push(tried.length)
      take(others())
    }
  })
  const replaced = verifierOf(source(() => next?.keys ?? []))
  assert.equal(await ask(replaced, GOOD), 'valid')
  assert.deepEqual(asked, [1])
  const stranger = token({ key: 'encryption', header: { kid: 'p256' } })
  assert.match(await ask(replaced, stranger), /its signature is wrong/)
  assert.match(await ask(replaced, stranger), /its signature is wrong/)
  assert.deepEqual(asked, [1, 1])
  const still = verifierOf(source(() => []))
  assert.match(await ask(still, GOOD), /its signature is wrong/)
  assert.deepEqual(asked, [1, 1, 1])
})
