import assert from 'node:assert/strict'
import { type RawClient, type RawResponse, rawClient } from '@gatewright/testing'
import { roundName } from './hostile-answers.js'
import { type Owed, owedFor, owesTrailers } from './hostile-oracle.js'
import { describeRound, type Round } from './hostile-rounds.js'

const AT_ONCE = 128
const HANGS_MS = 20_000

/** Clients that send the rounds of a generator, and hold what they get against what they are owed. */
export class OddClients {
  readonly #port: number
  readonly #rounds: Iterator<Round>
  readonly underWay = new Set<Round>()
  /** What was wrong, in words. */
  readonly faults: string[] = []
  /** How many clients were owed what, and got it. */
  readonly owed: Record<Owed['kind'], number> = { whole: 0, cut: 0, failed: 0 }
  done = false

  constructor(port: number, rounds: Iterator<Round>) {
    this.#port = port
    this.#rounds = rounds
  }

  /** Sends so many, many at a time. */
  async batch(size: number): Promise<void> {
    let left = size
    const worker = async (): Promise<void> => {
      let kept: RawClient | null = null
      while (left-- > 0 && !this.done) {
        const next = this.#rounds.next()
        if (next.done) this.done = true
        else kept = await this.#round(next.value, kept)
      }
      kept?.close()
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  }

  /** Returns the connection when it can be used again. */
  async #round(round: Round, kept: RawClient | null): Promise<RawClient | null> {
    this.underWay.add(round)
    const client = kept ?? (await rawClient(this.#port))
    const before = kept === null ? 0 : client.received.length
    let hung = false
    const hangs = setTimeout(() => {
      hung = true
      client.close()
    }, HANGS_MS)
    let again = false
    try {
      if (round.way !== null) await round.way(client, round.request)
      else again = await this.#read(client, round, before)
      assert.ok(!hung, 'the client waits in vain')
    } catch (error) {
      again = false
      const got = JSON.stringify(client.received.subarray(before).toString('latin1').slice(0, 1_000))
      const fault = hung ? 'the client waits in vain' : (error as Error).message
      this.faults.push(`${fault}; got ${got}; ${describeRound(round)}`)
    } finally {
      clearTimeout(hangs)
    }
    this.underWay.delete(round)
    if (again && client.received.length <= 8_192) return client
    client.close()
    return null
  }

  /** Whether the connection can take another request. */
  async #read(client: RawClient, round: Round, before: number): Promise<boolean> {
    void client.write(round.request)
    if (round.halfCloses) client.end()
    const owed = owedFor(round)
    const response = await client.response({ to: round.method })
    const keeps =
      round.keeps &&
      response.complete &&
      response.framing !== 'close' &&
      response.header('connection') !== 'close'
    const closedBy = keeps ? null : await client.closed
    assert.equal(client.received.length - before, response.raw.length, 'there is more behind the answer')
    const whole = response.complete && !(response.framing === 'close' && closedBy === 'reset')
    check(round, owed, response, whole)
    this.owed[owed.kind]++
    return keeps
  }
}

function check(round: Round, owed: Owed, response: RawResponse, whole: boolean): void {
  const { hook, number } = round
  const own = roundName(number)
  if (owed.kind === 'failed') {
    same(said(response, whole), `502 ${owed.reason} whole`)
    return
  }
  const { kind, status, content } = owed
  same(said(response, whole), `${status} ${own} ${kind}`)
  same(response.text, kind === 'whole' ? content : content.slice(0, response.body.length))
  const trailers = kind === 'whole' && owesTrailers(round)
  if (hook === 'plain' || hook === 'native') same(response.trailers.length > 0, trailers)
}

function said(response: RawResponse, whole: boolean): string {
  const from = [...response.headerAll('x-gw-reason'), ...response.headerAll('x-round')].join(' and ')
  return `${response.status} ${from} ${whole ? 'whole' : 'cut'}`
}

function same(got: unknown, owed: unknown): void {
  assert.ok(got === owed, `owed ${owed}, came ${got}`)
}
