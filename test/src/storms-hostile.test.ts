import assert from 'node:assert/strict'
import process from 'node:process'
import { Readable, Transform } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { createGateway, type GatewayBuilder } from '@gatewright/gateway'
import { MalformedMessageError, type RawClient, type RawResponse, rawClient } from '@gatewright/testing'
import { roundName } from './support/hostile-answers.js'
import { describeRound, hostileRounds, NORMAL_ROUND, type Round } from './support/hostile-rounds.js'
import { hostileUpstream } from './support/hostile-upstream.js'
import { until } from './support/leaks.js'
import { inFlight } from './support/single-pool.js'

// STORM_SEED=n tries another one.
const SEED = Number(process.env.STORM_SEED ?? 10)
const ROUNDS = 20_000
const AT_ONCE = 128
const BATCH = 1_000
const HANGS_MS = 20_000
// A machine that is busy with much else does fewer.
const TIME_MS = 120_000
const LEAST = 5_000

// What hooks make of an answer.
const HOOKS: Record<string, (payload: unknown) => unknown> = {
  plain: (payload) => payload,
  piped: (payload) =>
    payload instanceof Readable
      ? payload.pipe(new Transform({ transform: (chunk, _, done) => done(null, chunk) }))
      : payload,
  read: (payload) => (payload instanceof Readable ? text(payload) : payload),
  web: (payload) => (payload instanceof Readable ? Readable.toWeb(payload) : payload),
  unread: (payload) => (payload instanceof Readable ? 'instead' : payload)
}
const PATHS = ['plain', 'plain', 'plain', 'native', 'piped', 'read', 'web', 'unread']

async function hookedGateway(t: TestContext, upstream: string): Promise<[GatewayBuilder, number]> {
  const gateway = createGateway({
    logger: false,
    accessLog: false,
    shutdown: { signals: false, drain: '0ms' },
    pools: { upstream: { endpoints: [upstream] } },
    routes: Object.entries(HOOKS).map(([name, change]) => ({
      path: `/${name}/*`,
      pool: 'upstream',
      hooks: { onSend: async (_request: unknown, _reply: unknown, payload: unknown) => change(payload) }
    }))
  } as Parameters<typeof createGateway>[0]) as GatewayBuilder
  gateway.register(async (app) => {
    app.all('/native/:number', { config: { gateway: { pool: 'upstream' } } }, app.gateway.forward)
  })
  t.after(() => gateway.close())
  const url = await gateway.listen({ port: 0, host: '127.0.0.1' })
  return [gateway, Number(new URL(url).port)]
}

/** Sends the rounds that a generator gives, one after another, and says what is wrong with an answer. */
class OddClients {
  readonly #port: number
  readonly #rounds: Iterator<Round>
  readonly underWay = new Set<Round>()
  answered = 0

  constructor(port: number, rounds: Iterator<Round>) {
    this.#port = port
    this.#rounds = rounds
  }

  async batch(): Promise<void> {
    let left = BATCH
    const worker = async (): Promise<void> => {
      for (let kept: RawClient | null = null; left-- > 0; ) {
        const next = this.#rounds.next()
        if (next.done) return kept?.close()
        kept = await this.round(next.value, kept)
        if (left <= 0) kept?.close()
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  }

  /** Returns the connection when it can be used again. */
  async round(round: Round, kept: RawClient | null = null): Promise<RawClient | null> {
    this.underWay.add(round)
    const client = kept ?? (await rawClient(this.#port))
    const hangs = setTimeout(() => client.socket.destroy(new Error('hangs')), HANGS_MS)
    let hung = false
    client.socket.once('error', ({ message }) => {
      hung ||= message === 'hangs'
    })
    try {
      if (round.way !== null) await round.way(client, round.request)
      else if (!(await this.#read(client, round))) client.close()
      assert.ok(!hung, 'the client waits in vain')
    } catch (error) {
      client.close()
      const { message } = error as Error
      throw new Error(
        `${hung ? 'hangs' : message}; got ${JSON.stringify(client.received.toString('latin1').slice(-1_000))}; seed ${SEED}, ${describeRound(round)}`,
        { cause: error }
      )
    } finally {
      clearTimeout(hangs)
    }
    this.underWay.delete(round)
    if (client.received.length > 8_192) client.close()
    return client.socket.destroyed ? null : client
  }

  /** Whether the connection can take another request. */
  async #read(client: RawClient, round: Round): Promise<boolean> {
    void client.write(round.request)
    let response: RawResponse
    try {
      response = await client.response({ to: round.method })
    } catch (error) {
      if (error instanceof MalformedMessageError || round.whole) throw error
      return false
    }
    const closedBy = response.framing === 'close' ? await client.closed : null
    check(round, response, closedBy === 'reset')
    if (response.complete) this.answered++
    return round.keeps && response.complete && closedBy === null && response.header('connection') !== 'close'
  }
}

function check(round: Round, response: RawResponse, reset: boolean): void {
  const own = roundName(round.number)
  for (const number of response.headerAll('x-round')) assert.equal(number, own, 'a head of another round')
  const complete = response.complete && !reset
  if (response.header('x-round') === undefined) {
    assert.ok(response.status >= 400)
    // An earlier round may have closed the connection that this one was sent on, or have sent more behind its answer.
    const reasons = /^$|upstream_(?:reset|protocol_error)/
    if (round.whole) assert.match(response.text, reasons, 'no answer of the upstream')
    return
  }
  for (const digits of response.text.match(/\d{6}/g) ?? [])
    assert.equal(digits, own, 'a body of another round')
  if (round.whole) assert.ok(complete, 'an answer that was whole is cut off')
  if (round.sound === undefined || !complete || !(round.framed || round.whole)) return
  if (response.status !== round.sound.status) {
    assert.ok(!round.whole && response.status >= 500)
    return
  }
  if (response.text === 'instead' && round.path === 'unread') return
  assert.equal(response.text, round.method === 'HEAD' ? '' : round.sound.body.replace(/@+/, own))
}

test('no upstream and no client can end the process, hang a client or mix two answers, wherever an answer is split', {
  timeout: 170_000
}, async (t) => {
  const rounds: Round[] = []
  const upstream = await hostileUpstream(t, (n) => (n === 0 ? NORMAL_ROUND : (rounds[n] as Round)).assault)
  const [gateway, port] = await hookedGateway(t, upstream)
  const clients = new OddClients(port, remembered(hostileRounds(SEED, ROUNDS, PATHS), rounds))
  const fault = uncaught(t, clients)
  const end = performance.now() + TIME_MS
  while (rounds.length <= ROUNDS && performance.now() < end) {
    await Promise.race([clients.batch(), fault])
    await Promise.race([until(() => inFlight({ gateway }) === 0), fault])
    await Promise.race([clients.round(NORMAL_ROUND).then((client) => client?.close()), fault])
  }
  t.diagnostic(`${rounds.length - 1} rounds, ${clients.answered} whole answers, seed ${SEED}`)
  assert.ok(rounds.length > LEAST)
  assert.ok(clients.answered > rounds.length / 4)
})

function* remembered(source: Iterable<Round>, into: Round[]): Generator<Round> {
  for (const round of source) {
    into[round.number] = round
    yield round
  }
}

/** Rejects when something is thrown outside of every call. */
function uncaught(t: TestContext, { underWay }: OddClients): Promise<never> {
  return new Promise((_, reject) => {
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
}
