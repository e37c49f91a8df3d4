import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AttemptLoop,
  type AttemptRecord,
  createStages,
  type Endpoint,
  GatewayError,
  Pool,
  type Reason,
  type RetryPolicy,
  type Stages
} from '@gatewright/core'
import { endpoints, fakeAttempt, fakeExchange, seededChance } from '@gatewright/testing'

/** A driver that does nothing but note what it is asked, and check that it may be asked it. */
class Model extends AttemptLoop<AttemptRecord> {
  now = 1_000
  readonly running = new Set<AttemptRecord>()
  readonly outcomes: string[] = []
  /** Decisions to try again that the attempt has not followed yet. */
  charged = 0
  waits = false
  hedgeArmed = false
  aborting = false
  refuses = false
  readonly notified = new Map<AttemptRecord, number>()

  constructor(stages: Stages, pool: Pool) {
    super(stages, fakeExchange({ pool }), pool, (fault) => assert.fail(fault))
    stages.observers.push({
      ended: (attempt) => void this.notified.set(attempt, (this.notified.get(attempt) ?? 0) + 1)
    })
  }

  get isWaiting(): boolean {
    return this.waits
  }

  get record() {
    return this.exchange
  }

  start(): void {
    this.nextAttempt()
  }

  protected create(endpoint: Endpoint): AttemptRecord {
    assert.equal(this.outcomes.length, 0, 'an attempt after the end')
    const number = this.exchange.attempts.length + 1
    const hedge = this.exchange.hedging
    return fakeAttempt(endpoint, { number, hedge, startedAt: this.now, headAt: 0, endedAt: 0, status: 0 })
  }

  protected begin(attempt: AttemptRecord): void {
    this.running.add(attempt)
    assert.ok(this.running.size <= 2)
    if (!attempt.hedge) this.charged = 0
    if (this.refuses) this.fails(attempt, 'pool_queue_full')
  }

  protected discard(attempt: AttemptRecord): void {
    assert.ok(this.running.delete(attempt))
    attempt.endedAt = this.now
  }

  protected giveUp(attempt: AttemptRecord): void {
    attempt.cancelled = true
    this.discard(attempt)
  }

  protected abort(attempt: AttemptRecord, reason: Reason): void {
    this.fails(attempt, reason, true)
  }

  protected goesOn(attempt: AttemptRecord): void {
    assert.ok(this.running.has(attempt))
  }

  protected wait(): void {
    assert.equal(this.running.size, 0, 'a retry is decided beside another attempt')
    assert.equal(this.hedgeArmed, false)
    this.waits = true
  }

  protected armHedge(): void {
    this.hedgeArmed = true
  }

  protected disarmHedge(): void {
    this.hedgeArmed = false
  }

  protected errorFor({ failure }: AttemptRecord): GatewayError {
    return new GatewayError(failure as Reason)
  }

  protected fail({ reason }: GatewayError): void {
    this.#end(`failed ${reason}`)
  }

  fails(attempt: AttemptRecord, failure: Reason, last = false): void {
    assert.ok(this.running.delete(attempt))
    attempt.failure = failure
    attempt.endedAt = this.now
    this.attemptFailed(attempt, last)
  }

  answers(attempt: AttemptRecord, status: number): void {
    attempt.status = status
    attempt.headAt = this.now
    if (!this.attemptAnswered(attempt)) return
    assert.deepEqual([...this.running], [attempt], 'two attempts at delivery')
    this.running.delete(attempt)
    attempt.endedAt = this.now
    this.observe(attempt)
    this.#end(`delivered ${status}`)
  }

  hedges(): void {
    this.hedgeArmed = false
    this.beginHedge()
  }

  goOn(): void {
    this.waits = false
    this.nextAttempt()
  }

  leaves(): void {
    this.waits = false
    this.abortAll('client_closed')
  }

  #end(outcome: string): void {
    this.over = true
    this.disarmHedge()
    this.outcomes.push(outcome)
  }
}

const STATUSES = [200, 200, 429, 500, 503]
const FAILURES = ['upstream_reset', 'upstream_connect_failed', 'upstream_timeout'] as const

function run(seed: number): string[] {
  const chance = seededChance(seed)
  const one = <Choice>(of: readonly Choice[]): Choice => of[Math.floor(chance() * of.length)] as Choice
  const all = endpoints(3)
  const pool = new Pool('test', all, { pick: (usable) => one(usable) }, {} as never)
  const stages = createStages()
  let charged = 0
  let hedged = 0
  const toRetry = (attempt: AttemptRecord): boolean => attempt.status === 429 || attempt.status === 503
  stages.filters.push({ name: 'some', accepts: () => chance() < 0.9 })
  const policy: RetryPolicy = {
    decide(attempt, exchange) {
      assert.equal(model.running.size - Number(model.running.has(attempt)), 0, 'asked beside a rival')
      if ((attempt.failure === null && !toRetry(attempt)) || exchange.attempts.length >= 4) return null
      charged++
      return 0
    },
    yields: toRetry,
    hedgeDelay: () => (chance() < 0.7 ? 10 : null),
    mayHedge: () => chance() < 0.9,
    hedged: () => void hedged++
  }
  stages.retry = policy
  const model = new Model(stages, pool)
  const steps: string[] = []
  model.start()
  for (let step = 0; model.outcomes.length === 0; step++) {
    assert.ok(step < 100, 'no end')
    model.now += 5
    const running = [...model.running]
    model.refuses = chance() < 0.1
    const moves: [string, () => void][] = running.flatMap((attempt) => [
      [`answer ${attempt.number}`, () => model.answers(attempt, one(STATUSES))],
      [`failure ${attempt.number}`, () => model.fails(attempt, one(FAILURES))]
    ])
    if (model.hedgeArmed) moves.push(['hedge', () => model.hedges()], ['hedge', () => model.hedges()])
    if (model.isWaiting) moves.push(['go on', () => model.goOn()])
    if (chance() < 0.05) moves.push(['leave', () => model.leaves()])
    const [name, move] = one(moves.length === 0 ? [['leave', () => model.leaves()] as const] : moves)
    steps.push(name)
    move()
  }
  const { attempts } = model.record
  model.goOn()
  model.hedges()
  assert.equal(model.record.attempts.length, attempts.length, 'an attempt after the end')
  assert.equal(model.outcomes.length, 1)
  assert.equal(model.running.size, 0)
  for (const attempt of attempts) assert.equal(model.notified.get(attempt), 1, `attempt ${attempt.number}`)
  assert.deepEqual(
    all.map(({ inFlight }) => inFlight),
    [0, 0, 0]
  )
  // A retry is charged only where one begins, but for a client that left or an endpoint that was missing before it did.
  const hedges = attempts.filter(({ hedge }) => hedge).length
  const retries = attempts.length - hedges - 1
  const unfollowed = charged - Math.max(0, retries)
  assert.ok(unfollowed === 0 || (unfollowed === 1 && /^failed/.test(model.outcomes[0] ?? '')), `${steps}`)
  assert.ok(hedged <= hedges)
  const delivered = attempts.filter(
    ({ failure, superseded, cancelled }) => failure === null && !superseded && !cancelled
  )
  assert.equal(delivered.length, /^delivered/.test(model.outcomes[0] ?? '') ? 1 : 0, `${steps}`)
  return [...steps, ...model.outcomes]
}

test('whatever comes of attempts and hedges, an exchange has one end, every attempt has one, and none begins after it', () => {
  const seen = new Set<string>()
  for (let seed = 1; seed <= 5_000; seed++) {
    try {
      for (const step of run(seed)) seen.add(step)
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error })
    }
  }
  for (const step of ['hedge', 'answer 4', 'failure 3', 'leave', 'delivered 429', 'failed upstream_reset'])
    assert.ok(seen.has(step), step)
})
