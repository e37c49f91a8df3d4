import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { AuthenticateFunction, GatewayServerConfig } from '@gatewright/gateway'
import { rawRequest } from '@gatewright/testing'
import { guarded } from '../support/guarded.js'

type Schemes = NonNullable<NonNullable<GatewayServerConfig['authentication']>['schemes']>
type Custom = Extract<Schemes[string], { type: 'custom' }>

/** Lets everybody in who says `open` anywhere. */
const byWord: AuthenticateFunction = ({ raw }) =>
  [raw.url, ...raw.rawHeaders].some((text) => text?.includes('open')) ? { subject: 'ada' } : null

async function custom(t: TestContext, more: Partial<Custom>) {
  const { port, upstream } = await guarded(
    t,
    { schemes: { own: { type: 'custom', authenticate: byWord, ...more } }, headers: { 'x-user': 'subject' } },
    { auth: 'own' }
  )
  /** What the upstream saw of a request; its status where it saw none. */
  return async (target: string, ...lines: string[]): Promise<object | number> => {
    const head = [`GET ${target} HTTP/1.1`, 'Host: a', 'Connection: close', ...lines, '', '']
    const { status } = await rawRequest(port, head.join('\r\n'))
    const seen = upstream.requests.at(-1)
    if (status !== 200 || seen === undefined) return status
    const { target: at } = seen
    const of = (name: string): string => seen.headerAll(name).join('|')
    return {
      at,
      user: of('x-user'),
      session: of('x-session'),
      cookie: of('cookie'),
      authorization: of('authorization')
    }
  }
}

const NOTHING = { at: '/', user: 'ada', session: '', cookie: '', authorization: '' }
const from = [
  { header: 'X-Session' },
  { cookie: 'sid' },
  { query: 'token' },
  { header: 'authorization', scheme: 'Session' }
]

test('a function that says where its credential is has it taken out, out of every place and every copy', async (t) => {
  const ask = await custom(t, { from })
  assert.deepEqual(await ask('/', 'x-session: open', 'X-SESSION: open'), NOTHING)
  assert.deepEqual(
    await ask('/?a=1&token=open&%74oken=b', 'x-session: x', 'Cookie: a=1; sid=y; b=2; sid=z'),
    {
      ...NOTHING,
      at: '/?a=1',
      cookie: 'a=1; b=2'
    }
  )
  assert.deepEqual(await ask('/', 'Authorization: session open'), NOTHING)
})

test('what is no credential of it stays, whatever the function goes by', async (t) => {
  const ask = await custom(t, { from })
  assert.deepEqual(await ask('/?q=open&tokens=1', 'Authorization: Bearer other', 'Cookie: sids=1'), {
    ...NOTHING,
    at: '/?q=open&tokens=1',
    authorization: 'Bearer other',
    cookie: 'sids=1'
  })
  const single = await custom(t, { from: [{ header: 'authorization' }] })
  assert.deepEqual(await single('/?q=open', 'Authorization: Basic eDp5'), {
    ...NOTHING,
    at: '/?q=open',
    authorization: 'Basic eDp5'
  })
  assert.deepEqual(await single('/', 'Authorization: Bearer open'), NOTHING)
})

test('without a word on where it is, or with forward, it reaches the upstream', async (t) => {
  for (const more of [{}, { from, forward: true }]) {
    const ask = await custom(t, more)
    assert.deepEqual(await ask('/?token=x', 'x-session: open', 'Cookie: sid=y'), {
      ...NOTHING,
      at: '/?token=x',
      session: 'open',
      cookie: 'sid=y'
    })
  }
})

test('places that could not be are refused by path', async (t) => {
  for (const [more, problem] of [
    [{ from: [{ query: 'q' }] }, /schemes\.own\.from\[0\]\.query: 'q' would be shown in logs/],
    [{ from: [{}] }, /schemes\.own\.from\[0\]: give one of 'header', 'cookie' and 'query'/],
    [{ from: [] }, /schemes\.own\.from: /],
    [{ forward: true }, /schemes\.own\.forward: does nothing without 'from'/]
  ] as [Partial<Custom>, RegExp][])
    await assert.rejects(custom(t, more), { code: 'GW_CONFIG_INVALID', message: problem })
})
