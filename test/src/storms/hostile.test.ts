import assert from 'node:assert/strict'
import process from 'node:process'
import { Readable, Transform } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { createGateway, type GatewayBuilder } from '@gatewright/gateway'
import { fakeUpstream, rawRequest } from '@gatewright/testing'
import { INSTEAD } from '../support/hostile-oracle.js'
import { describeRound, hostileRounds, type Round } from '../support/hostile-rounds.js'
import { hostileUpstream } from '../support/hostile-upstream.js'
import { until } from '../support/leaks.js'
import { OddClients } from '../support/odd-clients.js'

// STORM_SEED=n tries another one, STORM_ROUNDS=n more of them.
const SEED = Number(process.env.STORM_SEED ?? 10)
const ROUNDS = Number(process.env.STORM_ROUNDS ?? 20_000)
const BATCH = 2_000
const MOST_FAULTS = 10

// What hooks make of an answer.
const HOOKS: Record<string, (payload: unknown) => unknown> = {
  plain: (payload) => payload,
  piped: (payload) =>
    payload instanceof Readable
      ? payload.pipe(new Transform({ transform: (chunk, _, done) => done(null, chunk) }))
      : payload,
  read: (payload) => (payload instanceof Readable ? text(payload) : payload),
  web: (payload) => (payload instanceof Readable ? Readable.toWeb(payload) : payload),
  unread: (payload) => (payload instanceof Readable ? INSTEAD : payload)
}
const CHOSEN = ['plain', 'plain', 'plain', 'native', 'piped', 'read', 'web', 'unread']
const POOLS = ['alone', 'shared', 'kept']

async function hookedGateway(
  t: TestContext,
  hostile: string,
  healthy: string
): Promise<[GatewayBuilder, number]> {
  const pool = { endpoints: [hostile], outlierDetection: false }
  const gateway = createGateway({
    logger: false,
    accessLog: false,
    reasonHeader: true,
    shutdown: { signals: false, drain: '0ms' },
    pools: {
      alone: { ...pool, connections: { maxRequests: 1 } },
      shared: pool,
      kept: pool,
      healthy: { endpoints: [healthy] }
    },
    routes: [
      { path: '/healthy', pool: 'healthy' },
      ...POOLS.flatMap((name) =>
        Object.entries(HOOKS).map(([hook, change]) => ({
          path: `/${name}/${hook}/*`,
          pool: name,
          hooks: { onSend: async (_request: unknown, _reply: unknown, payload: unknown) => change(payload) }
        }))
      )
    ]
  } as Parameters<typeof createGateway>[0]) as GatewayBuilder
  gateway.register(async (app) => {
    for (const name of POOLS)
      app.all(`/${name}/native/:number`, { config: { gateway: { pool: name } } }, app.gateway.forward)
  })
  t.after(() => gateway.close())
  const url = await gateway.listen({ port: 0, host: '127.0.0.1' })
  return [gateway, Number(new URL(url).port)]
}

test('whatever an upstream sends and a client does, wherever it is split, each client gets exactly what it is owed', {
  timeout: 170_000
}, async (t) => {
  const rounds: Round[] = []
  const hostile = await hostileUpstream(t, (n) => (rounds[n] as Round).assault)
  const healthy = await fakeUpstream(t, { body: 'healthy' })
  const [gateway, port] = await hookedGateway(t, hostile, healthy.url)
  const clients = new OddClients(port, remembered(hostileRounds(SEED, ROUNDS, CHOSEN), rounds))
  const uncaught = uncaughtIn(t, clients)
  while (!clients.done) {
    await Promise.race([clients.batch(BATCH), uncaught])
    const { faults } = clients
    if (faults.length > 0)
      assert.fail([`seed ${SEED}, ${faults.length} faults`, ...faults.slice(0, MOST_FAULTS)].join('\n'))
    await Promise.race([until(() => inFlight(gateway) === 0), uncaught])
    const normal = await rawRequest(port, 'GET /healthy HTTP/1.1\r\nHost: a\r\n\r\n')
    assert.deepEqual([normal.status, normal.text, normal.complete], [200, 'healthy', true])
  }
  const { whole, cut, failed } = clients.owed
  t.diagnostic(
    `seed ${SEED}, ${rounds.length - 1} rounds; owed and got: ${whole} whole, ${cut} cut, ${failed} failed`
  )
  assert.ok(rounds.length > ROUNDS)
  assert.ok(Math.min(whole / 5, cut, failed) > ROUNDS / 20)
})

function inFlight({ app }: GatewayBuilder): number {
  const endpoints = POOLS.flatMap((name) => app.gateway.pool(name).endpoints)
  return endpoints.reduce((sum, endpoint) => sum + endpoint.inFlight, 0)
}

function* remembered(source: Iterable<Round>, into: Round[]): Generator<Round> {
  for (const round of source) {
    into[round.number] = round
    yield round
  }
}

/** Rejects when something is thrown outside of every call. */
function uncaughtIn(t: TestContext, { underWay }: OddClients): Promise<never> {
  const uncaught = new Promise<never>((_, reject) => {
    const report = (error: unknown): void => {
      const cases = [...underWay].map(describeRound).join('\n')
      reject(
        new Error(`thrown where nobody catches it; seed ${SEED}; under way:\n${cases}`, { cause: error })
      )
    }
    for (const event of ['uncaughtException', 'unhandledRejection']) {
      process.on(event, report)
      t.after(() => process.off(event, report))
    }
  })
  uncaught.catch(() => {})
  return uncaught
}
