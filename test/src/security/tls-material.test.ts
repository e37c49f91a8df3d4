import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import type { PoolConfig } from '@gatewright/gateway'
import { testCertificates } from '@gatewright/testing'
import { configProblems } from '../support/config-problems.js'

const { ca, client, server } = testCertificates
const { privateKey: encrypted, publicKey } = generateKeyPairSync('ec', {
  namedCurve: 'prime256v1',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' }
})

const garbled = (pem: string): string => pem.replace(/\nMI\w{6}/, '\nAAAAAAAA')

const WRONG: readonly [what: string, tls: NonNullable<PoolConfig['tls']>, ...problems: string[]][] = [
  [
    'paths',
    { ca: '/etc/ssl/ca.pem', cert: './client.crt', key: 'C:\\keys\\client.key' },
    "pools.a.tls.ca: looks like a path; use readFileSync('/etc/ssl/ca.pem', 'utf8')",
    "pools.a.tls.cert: looks like a path; use readFileSync('./client.crt', 'utf8')",
    "pools.a.tls.key: looks like a path; use readFileSync(…, 'utf8')"
  ],
  [
    'a path in a list',
    { ca: [ca, 'ca.pem'] },
    "pools.a.tls.ca[1]: looks like a path; use readFileSync('ca.pem', 'utf8')"
  ],
  ['an empty list', { ca: [] }, 'pools.a.tls.ca: must have at least one authority'],
  ['no PEM', { ca: 'MIIB' }, "pools.a.tls.ca: must be PEM text, with a line '-----BEGIN CERTIFICATE-----'"],
  ['nothing', { ca: '' }, "pools.a.tls.ca: must be PEM text, with a line '-----BEGIN CERTIFICATE-----'"],
  [
    'cut off',
    { ca: ca.slice(0, 200), ...client, key: client.key.slice(0, 100) },
    "pools.a.tls.ca: is cut off: a '-----BEGIN …-----' has no '-----END …-----'",
    "pools.a.tls.key: is cut off: a '-----BEGIN …-----' has no '-----END …-----'"
  ],
  [
    'garbled',
    { ca: garbled(ca), cert: garbled(client.cert), key: garbled(client.key) },
    'pools.a.tls.ca: cannot be read: ',
    'pools.a.tls.cert: cannot be read: ',
    'pools.a.tls.key: cannot be read: '
  ],
  [
    'the one for the other',
    { ca: client.key, cert: client.key, key: client.cert },
    'pools.a.tls.ca: has no certificate, but: PRIVATE KEY',
    'pools.a.tls.cert: has no certificate, but: PRIVATE KEY',
    'pools.a.tls.key: has no private key, but: CERTIFICATE'
  ],
  ['a public key', { ...client, key: publicKey }, 'pools.a.tls.key: has no private key, but: PUBLIC KEY'],
  [
    'a pair that is none',
    { cert: client.cert, key: server.key },
    "pools.a.tls: 'cert' and 'key' cannot be used together: the key is that of another certificate"
  ],
  ['no key', { cert: client.cert }, "pools.a.tls: 'key' is missing: the private key of 'cert'"],
  ['no certificate', { key: client.key }, "pools.a.tls: 'cert' is missing: the certificate of 'key'"],
  [
    'an encrypted key',
    { ...client, key: encrypted },
    "pools.a.tls.key: is encrypted; decrypt it first, as with 'openssl pkey'"
  ]
]

const withTls = (tls: PoolConfig['tls']): Promise<string[]> =>
  configProblems({
    pools: { a: { endpoints: ['https://a.test'], tls } },
    routes: [{ path: '/*', pool: 'a' }]
  })

for (const [what, tls, ...expected] of WRONG)
  test(`TLS material that is ${what} stops the start, and the key is not shown`, async () => {
    const problems = await withTls(tls)
    assert.equal(problems.length, expected.length, problems.join('\n'))
    for (const [index, problem] of problems.entries())
      assert.ok(problem.startsWith(expected[index] as string), problem)
    const { key = '' } = tls
    assert.ok(key.length < 100 || !problems.join().includes(key.slice(-60, -40)))
  })

test('TLS material that fits starts, with text before it and several authorities in one', async () => {
  assert.deepEqual(await withTls({ ca: `# ours\n${ca}\n${server.cert}\n`, ...client }), [])
  assert.deepEqual(await withTls({ ca: [ca, server.cert] }), [])
})

test('TLS material as bytes is refused, and not shown', async () => {
  const [problem, ...more] = await withTls({ ...client, key: Buffer.from(client.key) as never })
  assert.deepEqual(more, [])
  assert.equal(problem, 'pools.a.tls.key: the value must be a string')
})
