import assert from 'node:assert/strict'
import crypto, { createHmac, type ScryptOptions, scryptSync } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { type TestContext, test } from 'node:test'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { guarded } from '../support/guarded.js'

type Authentication = NonNullable<GatewayServerConfig['authentication']>
type Named = 'timingSafeEqual' | 'scrypt'

/** What one of Node's functions is called with from here on, by everybody who has imported it. */
function callsOf(t: TestContext, name: Named): unknown[][] {
  const calls: unknown[][] = []
  const own = crypto[name] as (...given: unknown[]) => unknown
  const replace = (by: unknown): void => {
    Object.assign(crypto, { [name]: by })
    syncBuiltinESMExports()
  }
  replace((...given: unknown[]) => {
    calls.push(given)
    return own(...given)
  })
  t.after(() => replace(own))
  return calls
}

const schemes = (scheme: object): Authentication =>
  ({ schemes: { one: scheme }, failures: false }) as Authentication

const SECRET = 'a secret of thirty-two bytes, ok'
const wrongHex = '0'.repeat(64)
const rightHex = createHmac('sha256', SECRET).update('').digest('hex')

test('the signature of a webhook is compared in constant time, right or wrong, with each secret', async (t) => {
  const compared = callsOf(t, 'timingSafeEqual')
  const { ask } = await guarded(
    t,
    schemes({ type: 'webhook', format: 'github', secrets: [SECRET, 'another secret of 32 bytes, okay'] }),
    { auth: 'one' }
  )
  for (const [hex, status] of [
    [rightHex, 200],
    [wrongHex, 401],
    [`${rightHex.slice(0, -1)}${rightHex.endsWith('0') ? '1' : '0'}`, 401]
  ] as const) {
    const before = compared.length
    const answer = await ask('/', { 'x-hub-signature-256': `sha256=${hex}` }, 'POST')
    assert.equal(answer.status, status)
    // The first one that is right ends nothing.
    assert.equal(compared.length, before + 2)
  }
})

test('the signature of a request is compared in constant time', async (t) => {
  const compared = callsOf(t, 'timingSafeEqual')
  const { ask, lines } = await guarded(
    t,
    schemes({ type: 'signature', keys: [{ id: 'k1', secret: SECRET }] }),
    { auth: 'one' }
  )
  const created = Math.floor(Date.now() / 1_000)
  const input = `("@method" "@path" "@query");created=${created};keyid="k1"`
  const { status } = await ask('/', {
    'signature-input': `sig=${input}`,
    signature: `sig=:${Buffer.alloc(32).toString('base64')}:`
  })
  assert.equal(status, 401)
  assert.match(String(lines.at(-1)?.detail), /is wrong/)
  assert.equal(compared.length, 1)
})

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')

test('a user that there is not costs the same hash as one that there is', async (t) => {
  const salt = Buffer.from('salt of a test!!')
  const hash = scryptSync('lovelace', salt, 32, { N: 2_048, r: 8, p: 1 })
  const { ask } = await guarded(
    t,
    schemes({
      type: 'basic',
      users: { ada: `$scrypt$ln=11,r=8,p=1$${unpadded(salt)}$${unpadded(hash)}` }
    }),
    { auth: 'one' }
  )
  const hashed = callsOf(t, 'scrypt')
  const compared = callsOf(t, 'timingSafeEqual')
  for (const name of ['ada', 'eve', 'bob']) {
    const credentials = Buffer.from(`${name}:wrong`).toString('base64')
    assert.equal((await ask('/', { authorization: `Basic ${credentials}` })).status, 401, name)
  }
  assert.equal(compared.length, hashed.length)
  assert.deepEqual(
    hashed.map(([, , bytes, options]) => {
      const { N, r, p } = options as ScryptOptions
      return [bytes, N, r, p]
    }),
    [
      [32, 2_048, 8, 1],
      [32, 2_048, 8, 1],
      [32, 2_048, 8, 1]
    ]
  )
})

test('what a look-up returns for an API key is compared by its hash, in constant time', async (t) => {
  const compared = callsOf(t, 'timingSafeEqual')
  const asked: string[] = []
  const { ask } = await guarded(
    t,
    schemes({
      type: 'apiKey',
      lookup({ hash }: { readonly hash: string }) {
        asked.push(hash)
        return { hash: `sha256:${wrongHex}`, id: 'somebody else' }
      }
    }),
    { auth: 'one' }
  )
  assert.equal((await ask('/', { 'x-api-key': 'a key of nobody, which is long enough' })).status, 401)
  assert.equal(asked.length, 1)
  assert.doesNotMatch(String(asked), /nobody/)
  assert.equal(compared.length, 1)
})
