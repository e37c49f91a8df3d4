import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gate, type TestIssuer, testIssuer } from '@gatewright/testing'
import { eventually } from '../support/eventually.js'
import { FAULTS, kinds, many, tokenLoad } from '../support/token-load.js'

const jwt = (issuer: TestIssuer): object => ({
  type: 'jwt',
  issuer: issuer.url,
  keys: { url: issuer.keysUrl, allowHttp: true, timeout: '1m' }
})

for (const [name, fault] of FAULTS)
  test(`an identity provider that ${name} loses no request with a key that is known, while others wait for it`, async (t) => {
    const issuer = await testIssuer(t)
    const strange = await testIssuer(t)
    const { ask, upstream, skip } = await tokenLoad(t, jwt(issuer))
    const known = issuer.token({ aud: 'api' })
    assert.equal(await ask(known), 200)
    const end = gate()
    t.after(() => end.open())
    issuer.upstream.answers(fault(end))
    skip(31_000)
    const others: [number, Promise<number>[]][] = [
      [503, many(40, ask, (n) => issuer.token({ aud: 'api' }, { header: { kid: `new-${n}` } }))],
      [401, many(40, ask, (n) => strange.token({ aud: 'api', iss: issuer.url, n }))]
    ]
    const count = name === 'hangs' || name === 'drips' ? 250 : 50
    const right = [
      ...many(count, ask, () => known),
      ...many(count, ask, (n) => issuer.token({ aud: 'api', n }))
    ]
    assert.equal(kinds(await Promise.all(right)), '200')
    end.open()
    for (const [status, asked] of others) assert.equal(kinds(await Promise.all(asked)), String(status))
    assert.equal(upstream.requests.length, 1 + 2 * count)
    // Those beside the one for the sake of tokens are tries on a schedule of its own.
    assert.ok(issuer.fetches < 10, String(issuer.fetches))
    issuer.serve()
    issuer.rotate()
    const next = issuer.token({ aud: 'api' })
    await eventually(async () => assert.equal(await ask(next), 200))
  })

test('a key that is rotated under load loses no request: those of the new one wait for one fetch together', async (t) => {
  const issuer = await testIssuer(t)
  const { ask, upstream, skip } = await tokenLoad(t, jwt(issuer))
  for (let round = 1; round <= 2; round++) {
    const old = Array.from({ length: 200 }, (_, n) => issuer.token({ aud: 'api', n, round }))
    assert.equal(await ask(old[0] as string), 200)
    skip(31_000)
    const answer = gate()
    issuer.rotate()
    issuer.upstream.next({ body: JSON.stringify(issuer.keySet), after: answer })
    const asked = Array.from({ length: 200 }, (_, n) => [
      ask(issuer.token({ aud: 'api', n: n % 20, round })),
      ask(old[n] as string),
      ask(old[n % 20] as string)
    ]).flat()
    await issuer.upstream.request(round + 1)
    answer.open()
    assert.equal(kinds(await Promise.all(asked)), '200')
    assert.equal(upstream.requests.length, round * 601)
    assert.equal(issuer.fetches, round + 1)
  }
})

test('a key that is withdrawn under load is taken no more, from the fetch on that shows it', async (t) => {
  const issuer = await testIssuer(t)
  const { ask, skip } = await tokenLoad(t, jwt(issuer))
  const old = Array.from({ length: 250 }, (_, n) => issuer.token({ aud: 'api', n }))
  assert.equal(kinds(await Promise.all(old.map(ask))), '200')
  issuer.rotate()
  issuer.withdraw()
  skip(31_000)
  assert.equal(await ask(issuer.token({ aud: 'api' })), 200)
  const mixed = await Promise.all(
    old.flatMap((token, n) => [ask(token), ask(issuer.token({ aud: 'api', n }))])
  )
  assert.equal(kinds(mixed.filter((_, index) => index % 2 === 0)), '401')
  assert.equal(kinds(mixed.filter((_, index) => index % 2 === 1)), '200')
  assert.equal(issuer.fetches, 2)
})

test('an identity provider that is down at the start lets nobody in, and everybody once it is back', async (t) => {
  const issuer = await testIssuer(t)
  issuer.upstream.answers({ cut: 'before-head', end: 'reset' })
  const { ask, upstream } = await tokenLoad(t, jwt(issuer))
  assert.equal(kinds(await Promise.all(many(300, ask, (n) => issuer.token({ aud: 'api', n })))), '503')
  assert.equal(await ask(issuer.token({ aud: 'other' })), 401)
  assert.equal(upstream.requests.length, 0)
  issuer.serve()
  const token = issuer.token({ aud: 'api' })
  await eventually(async () => assert.equal(await ask(token), 200))
  assert.equal(kinds(await Promise.all(many(300, ask, (n) => issuer.token({ aud: 'api', n })))), '200')
})
