import { Agent, get } from 'node:http'
import type { TestContext } from 'node:test'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { type FakeUpstream, fakeUpstream, type Script } from '@gatewright/testing'
import { startGateway } from './start-gateway.js'

/** Asks over a kept connection; resolves to the status. */
type Ask = (token: string) => Promise<number>

/** A gateway under load of tokens, and the time it goes by. */
export interface TokenLoad {
  readonly ask: Ask
  readonly upstream: FakeUpstream
  /** So much time passes; it stands still otherwise, timers apart. */
  skip(ms: number): void
}

/** A gateway whose only route takes what a scheme `tokens` takes, for the audience `api`. */
export async function tokenLoad(t: TestContext, scheme: object): Promise<TokenLoad> {
  const upstream = await fakeUpstream(t)
  let now = 1_000
  const { port } = await startGateway(
    t,
    {
      pools: { api: { endpoints: [upstream.url] } },
      authentication: {
        schemes: { tokens: { audience: 'api', ...scheme } as never },
        headers: { 'x-user': 'subject' },
        failures: false
      },
      routes: [{ id: 'api', path: '/*', pool: 'api', auth: 'tokens' }]
    } as GatewayServerConfig,
    {},
    { clock: () => now }
  )
  const agent = new Agent({ keepAlive: true, maxSockets: 600 })
  t.after(() => agent.destroy())
  const ask: Ask = (token) =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}` }
      get({ port, host: '127.0.0.1', agent, headers }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0))
      }).on('error', reject)
    })
  return { ask, upstream, skip: (ms) => (now += ms) }
}

/** So many of what `make` makes, asked for at once. */
export const many = (count: number, ask: Ask, make: (n: number) => string): Promise<number>[] =>
  Array.from({ length: count }, (_, n) => ask(make(n)))

/** The kinds of statuses there are, in order. */
export const kinds = (statuses: readonly number[]): string => [...new Set(statuses)].sort().join()

const manyKeys = (count: number): string =>
  JSON.stringify({ keys: Array.from({ length: count }, () => ({})) })

/** How a service fails. What is begun and goes no further is ended by the test, through `end`. */
export const FAULTS: readonly (readonly [name: string, fault: (end: PromiseLike<unknown>) => Script])[] = [
  ['hangs', (end) => ({ status: 500, after: end })],
  [
    'drips',
    (end) => async (_, respond) => {
      const body = respond.stream({ headers: { 'content-type': 'application/json' } })
      for (const letter of '{"keys":[') await body.write(letter)
      await end
      respond.reset()
    }
  ],
  ['resets', () => ({ cut: 'before-head', end: 'reset' })],
  ['closes', () => ({ cut: 'before-head', end: 'close' })],
  ['breaks off', () => ({ body: '{"keys":[]}', cut: 'mid-body', end: 'close' })],
  ['answers 500', () => ({ status: 500, body: '{}' })],
  ['answers 404', () => ({ status: 404, body: '{}' })],
  ['answers 429', () => ({ status: 429, headers: { 'retry-after': '3600' } })],
  ['redirects', () => ({ status: 302, headers: { location: 'http://127.0.0.1:9/' } })],
  [
    'sends a page',
    () => ({ headers: { 'content-type': 'text/html' }, body: '<html>down for repairs</html>' })
  ],
  ['sends garbage', () => ({ body: Buffer.from([0xff, 0, 0x7b, 0x80]) })],
  ['sends 2 MiB', () => ({ body: ' '.repeat(2 * 1_024 ** 2) })],
  ['sends no keys', () => ({ body: '{"keys":[]}' })],
  ['sends 10,000 keys', () => ({ body: manyKeys(10_000) })],
  ['speaks no HTTP', () => ({ raw: 'SSH-2.0-OpenSSH\r\n', end: 'close' })]
]
