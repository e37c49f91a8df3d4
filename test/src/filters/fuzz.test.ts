import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { FiltersConfig } from '@gatewright/gateway'
import { fakeUpstream, seededChance } from '@gatewright/testing'
import { serveEnvoyAuthz } from '../support/grpc-js.js'
import { startGateway } from '../support/start-gateway.js'

type Chance = () => number
type Filter = Exclude<FiltersConfig, false>[number]

const oneOf = <T>(chance: Chance, all: readonly T[]): T => all[Math.floor(chance() * all.length)] as T
const NAMES = [
  'x-a',
  'X-A',
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'te',
  ':path',
  '',
  'a b',
  'x-é',
  'cookie',
  'set-cookie',
  '__proto__',
  'constructor',
  'x-forwarded-for',
  'content-type',
  'x-request-id',
  'trailer',
  'x\r\n',
  'vary',
  'etag',
  'date',
  'server'
]
const TEXTS = [
  '',
  'a',
  'é',
  '𝄞',
  'a\r\nx-admin: 1',
  'a\u0000',
  '\u2028',
  ' a ',
  'x'.repeat(1_500),
  '\ud800',
  '0',
  'chunked',
  'a, b'
]
const ODD = [
  undefined,
  null,
  0,
  1,
  -1,
  1n,
  Number.NaN,
  true,
  'text',
  [],
  {},
  () => {},
  Symbol.iterator,
  new Date(0),
  new Map([['a', 1]])
]
const HOW = ['set', 'append', 'add-if-absent', 'set-if-present', 'remove', 'none', undefined]

function headersOf(chance: Chance): unknown {
  const count = Math.floor(chance() * 4)
  if (chance() < 0.1) return oneOf(chance, ODD)
  if (chance() < 0.5)
    return Array.from({ length: count }, () =>
      chance() < 0.1
        ? oneOf(chance, ODD)
        : {
            name: oneOf(chance, NAMES),
            value: chance() < 0.1 ? oneOf(chance, ODD) : oneOf(chance, TEXTS),
            how: oneOf(chance, HOW)
          }
    )
  return Object.fromEntries(
    Array.from({ length: count }, () => [
      oneOf(chance, NAMES),
      chance() < 0.2 ? oneOf(chance, ODD) : oneOf(chance, TEXTS)
    ])
  )
}

/** A decision of any shape: most parts of it are what they should be. */
function decisionOf(chance: Chance): unknown {
  if (chance() < 0.05) return oneOf(chance, ODD)
  const decision: Record<string, unknown> = {}
  if (chance() < 0.3)
    decision.answer =
      chance() < 0.1
        ? oneOf(chance, ODD)
        : {
            status: oneOf(chance, [
              200,
              204,
              205,
              301,
              304,
              403,
              500,
              599,
              600,
              199,
              101,
              0,
              -1,
              1.5,
              '200',
              undefined
            ]),
            headers: headersOf(chance),
            body: chance() < 0.2 ? oneOf(chance, ODD) : oneOf(chance, TEXTS)
          }
  if (chance() < 0.6) decision.headers = headersOf(chance)
  if (chance() < 0.4) decision.responseHeaders = headersOf(chance)
  if (chance() < 0.3)
    decision.query =
      chance() < 0.1 ? oneOf(chance, ODD) : { [oneOf(chance, TEXTS)]: oneOf(chance, [null, ...TEXTS, 5]) }
  if (chance() < 0.3) decision.metadata = chance() < 0.3 ? oneOf(chance, ODD) : { a: oneOf(chance, ODD) }
  return decision
}

/** A gateway with filters, whose upstream refuses what a strict server would. */
async function filtered(t: TestContext, filters: readonly unknown[]) {
  const upstream = await fakeUpstream(t, { headers: { 'x-from': 'upstream' }, body: 'body' })
  const { url } = await startGateway(t, {
    pools: { api: { endpoints: [upstream.url] } },
    routes: [{ path: '/*', pool: 'api', filters: filters as Filter[] }]
  })
  return { upstream, url }
}

test('whatever a function says, the client gets one whole response, and the upstream nothing it did not ask for', async (t) => {
  const chance = seededChance(17)
  let decision: unknown
  let about: unknown
  const { upstream, url } = await filtered(t, [
    { type: 'function', name: 'first', timeout: '10s', request: () => decision, response: () => about },
    { type: 'function', name: 'second', timeout: '10s', request: () => decision, failMode: 'open' }
  ])
  const statuses = new Map<number, number>()
  for (let i = 0; i < 600; i++) {
    decision = decisionOf(chance)
    about = chance() < 0.5 ? undefined : decisionOf(chance)
    const method = oneOf(chance, ['GET', 'POST', 'HEAD'])
    const response = await fetch(`${url}/p?a=1`, {
      method,
      redirect: 'manual',
      headers: { 'x-a': 'client' },
      ...(method === 'POST' ? { body: 'hello' } : {})
    })
    await response.arrayBuffer()
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
  }
  assert.ok((statuses.get(200) ?? 0) > 40, JSON.stringify([...statuses]))
  assert.ok((statuses.get(503) ?? 0) > 40)
  for (const request of upstream.requests) {
    assert.equal(request.headerAll('host').length, 1)
    assert.equal(request.header('x-admin'), undefined)
    assert.match(request.target, /^\/p(?:\?|$)/)
    if (request.method === 'POST') assert.equal(String(request.body), 'hello')
  }
})

test('whatever a service says in the form of ext_authz, the same holds', async (t) => {
  const chance = seededChance(23)
  const options = (count: number) =>
    Array.from({ length: count }, () => ({
      header: {
        key: oneOf(chance, NAMES),
        value: oneOf(
          chance,
          TEXTS.filter((text) => text !== '\ud800')
        )
      },
      ...(chance() < 0.3 ? { append: { value: chance() < 0.5 } } : {}),
      append_action: Math.floor(chance() * 5)
    }))
  const target = await serveEnvoyAuthz(t, () => {
    const status = { code: oneOf(chance, [0, 0, 0, 7, 16, -5]) }
    const response = chance()
    const headers = options(Math.floor(chance() * 3))
    if (response < 0.5)
      return {
        status,
        ok_response: {
          headers,
          headers_to_remove: [oneOf(chance, NAMES)],
          response_headers_to_add: options(Math.floor(chance() * 2)),
          query_parameters_to_set: [{ key: oneOf(chance, TEXTS), value: oneOf(chance, TEXTS) }]
        }
      }
    const denied = {
      status: { code: oneOf(chance, [0, 200, 204, 302, 403, 700]) },
      headers,
      body: oneOf(chance, TEXTS)
    }
    return response < 0.8 ? { status, denied_response: denied } : { status, error_response: denied }
  })
  const { upstream, url } = await filtered(t, [{ type: 'ext_authz', target, timeout: '20s', breaker: false }])
  const statuses = new Map<number, number>()
  for (let i = 0; i < 250; i++) {
    const response = await fetch(`${url}/p?a=1`, { redirect: 'manual' })
    await response.arrayBuffer()
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
  }
  for (const status of [200, 403, 503])
    assert.ok((statuses.get(status) ?? 0) > 8, JSON.stringify([...statuses]))
  for (const request of upstream.requests) {
    assert.equal(request.header('x-admin'), undefined)
    assert.match(request.target, /^\/p(?:\?|$)/)
  }
})
