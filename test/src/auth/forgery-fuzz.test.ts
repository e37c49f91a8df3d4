import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createApiKey } from '@gatewright/gateway'
import { rawRequest, seededChance } from '@gatewright/testing'
import { guarded } from '../support/guarded.js'

const ROUNDS = 400

test('whatever a client sends, upstreams get requests with a right credential alone, and what the gateway found out of it', async (t) => {
  const [ada, bob, wrong] = [createApiKey(), createApiKey(), createApiKey()]
  const { port, upstream } = await guarded(
    t,
    {
      schemes: {
        keys: {
          type: 'apiKey',
          keys: [
            { hash: ada.hash, id: 'ada', roles: ['admin'] },
            { hash: bob.hash, id: 'bob' }
          ],
          from: [{ header: 'x-api-key' }, { cookie: 'key' }, { query: 'api_key' }]
        },
        own: {
          type: 'custom',
          authenticate: ({ headers }) => (headers.authorization === 'Bearer ada' ? { subject: 'ada' } : null)
        }
      },
      headers: { 'x-user': 'subject', 'x-roles': 'roles' },
      failures: false
    },
    { auth: { any: ['keys', { all: ['own', 'keys'] }] } },
    { underscores: 'keep' }
  )
  const chance = seededChance(11)
  const one = <T>(list: readonly T[]): T => list[Math.floor(chance() * list.length)] as T
  const keys = [
    ada.key,
    bob.key,
    wrong.key,
    '',
    `${ada.key},${bob.key}`,
    ada.key.toLowerCase(),
    `${ada.key} `
  ]
  const spell = (name: string): string =>
    [...name]
      .map((letter) =>
        letter === '-' ? one(['-', '-', '-', '_', '.', '~']) : one([letter, letter.toUpperCase()])
      )
      .join('')
  const line = (): string =>
    one([
      () => `${one(['X-Api-Key', 'x-api-key', 'X_Api_Key', 'X-Api-Keys'])}: ${one(keys)}`,
      () => `Cookie: ${one(['key', 'Key', 'a=1; key', 'key=; key'])}=${one(keys)}`,
      () => `Authorization: ${one(['Bearer ada', 'Bearer  ada', 'bearer ada', 'Basic x', ''])}`,
      () => `${spell('x-user')}: ${one(['root', 'ada', ''])}`,
      () => `${spell('x-roles')}: ${one(['root', 'admin'])}`,
      () => `Connection: ${one(['close', 'x-user', 'x-api-key', 'keep-alive, x-roles'])}`,
      () => `Accept: */*`
    ])()
  const statuses = new Map<number, number>()
  for (let round = 0; round < ROUNDS; round++) {
    const query = one([
      '',
      '',
      `?api_key=${one(keys)}`,
      `?api%5Fkey=${one(keys)}`,
      `?x=1&api_key=${one(keys)}`
    ])
    const lines = Array.from({ length: Math.floor(chance() * 4) }, line)
    const before = upstream.requests.length
    const { status } = await rawRequest(
      port,
      [`GET /${query.replaceAll(' ', '+')} HTTP/1.1`, 'Host: a.test', ...lines, '', ''].join('\r\n')
    )
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    const told = `${query} ${lines.join(' | ')}`
    if (status !== 200) {
      assert.equal(upstream.requests.length, before, told)
      continue
    }
    const seen = upstream.requests.at(-1)
    const head = seen?.rawHead ?? ''
    const plain = (seen?.headers ?? []).map(([name, value]) => [
      name.toLowerCase().replaceAll(/[^a-z]/g, '-'),
      value
    ])
    const users = plain.filter(([name]) => name === 'x-user').map(([, value]) => value)
    const roles = plain.filter(([name]) => name === 'x-roles').map(([, value]) => value)
    assert.ok(users.length === 1 && (users[0] === 'ada' || users[0] === 'bob'), told)
    assert.deepEqual(roles, users[0] === 'ada' ? ['admin'] : [], told)
    assert.ok(told.includes(users[0] === 'ada' ? ada.key : bob.key), told)
    // It is taken out of wherever it was looked for.
    assert.doesNotMatch(head, /^x-api-key:|[?&]api(?:_|%5f)key=/im, told)
    assert.doesNotMatch(head, /[ ;]key=/, told)
  }
  assert.ok((statuses.get(200) ?? 0) > 40 && (statuses.get(401) ?? 0) > 100, JSON.stringify([...statuses]))
})
