import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Exchange } from '@gatewright/core'
import { fakeExchange, seededChance, virtualTime } from '@gatewright/testing'
import { Asking } from './asking.js'
import type { RateLimitOptions } from './config/config.js'
import type { Counted } from './counted.js'
import { GuardedStore } from './guarded-store.js'
import { LimitCounts } from './limit-counts.js'
import { MemoryStore } from './memory-store.js'
import type { RateLimit } from './rate-limit.js'
import { RequestCounts } from './request-counts.js'
import { resolveRateLimit } from './settings.js'
import type { RateLimitRequest, RateLimitState, RateLimitStore } from './store.js'

const HOUR = { window: '1h', algorithm: 'fixed-window' } as const

/** A store that answers late, in any order, or fails. */
class SlowStore implements RateLimitStore {
  readonly #store: MemoryStore
  readonly #waiting: (() => void)[] = []
  readonly #chance: () => number
  taken = 0

  constructor(clock: () => number, chance: () => number) {
    this.#store = new MemoryStore({ clock, chance })
    this.#chance = chance
  }

  async take(requests: readonly RateLimitRequest[]): Promise<readonly RateLimitState[]> {
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
    if (this.#chance() < 0.1) throw new Error('lost')
    const states = await this.#store.take(requests)
    const refused = states.some(({ waitMs }, index) => waitMs > 0 && requests[index]?.enforces === true)
    if (!refused) this.taken += requests[0]?.cost ?? 0
    return states
  }

  async charge(): Promise<void> {}

  /** Lets one call go on. */
  next(): void {
    const [resolve] = this.#waiting.splice(Math.floor(this.#chance() * this.#waiting.length), 1)
    resolve?.()
  }
}

test('whatever order answers, failures and clients that leave come in, each request is decided once and all is given back', async () => {
  for (let seed = 1; seed <= 15; seed++) {
    const chance = seededChance(seed)
    const time = virtualTime()
    const warn = () => {}
    const store = new SlowStore(time.clock, chance)
    const guarded = new GuardedStore(
      store,
      { timeoutMs: 50, failures: 3, retryMs: 100 },
      { clock: time.clock, timers: time.timers, failed: warn }
    )
    const limits = [
      { name: 'here', limit: 60, ...HOUR },
      { name: 'running', concurrent: 8 },
      { name: 'there', limit: 40, ...HOUR, store: 'shared', onStoreFailure: 'local' },
      { name: 'watched', limit: 5, ...HOUR, mode: 'observe' }
    ].map((options) => limitOf(options as RateLimitOptions, chance))
    const admitted = new Set<Exchange>()
    const counts = new Map<Exchange, readonly Counted[]>()
    let decided = 0
    const asking = new Asking(time.clock, new RequestCounts({ faults: { warn } as never }), {
      counted: (exchange, counted) => void counts.set(exchange, counted),
      decided(exchange, excess, unreachable, done) {
        decided++
        assert.equal(unreachable, null)
        if (excess !== null && !excess.limit.settings.observe) return
        if (exchange.endedAt === 0) admitted.add(exchange)
        done()
      }
    })
    const end = (exchange: Exchange): void => {
      exchange.endedAt = time.clock()
      if (!admitted.delete(exchange)) return
      for (const one of counts.get(exchange) ?? [])
        if (one.taken && one.limit.settings.concurrent) one.giveBack(time.clock())
    }
    const all: Exchange[] = []
    for (let step = 0; step < 400; step++) {
      const roll = chance()
      const running = all.filter(({ endedAt }) => endedAt === 0)
      if (roll < 0.4) {
        const exchange = fakeExchange()
        all.push(exchange)
        asking.ask(exchange, limits, guarded, () => {})
      } else if (roll < 0.75) store.next()
      else if (roll < 0.9 && running.length > 0)
        end(running[Math.floor(chance() * running.length)] as Exchange)
      else time.advance(Math.floor(chance() * 40))
      await turns()
      const [here, runningNow] = limits
      assert.ok((runningNow?.counts.running('192.0.2.1') ?? 0) <= 8)
      assert.ok(usedOf(here as RateLimit, time.clock()) <= 60)
    }
    for (const exchange of all) if (exchange.endedAt === 0) end(exchange)
    for (let n = 0; n < 400; n++) {
      store.next()
      await turns()
    }
    time.advance(1_000)
    await turns()
    assert.equal(decided, all.length, `seed ${seed}`)
    assert.ok(store.taken <= 40, `seed ${seed}: ${store.taken} taken from the store`)
    const [, running] = limits
    assert.equal(running?.counts.keys, 0, `seed ${seed}: a request holds its place`)
  }
})

function limitOf(options: RateLimitOptions, chance: () => number): RateLimit {
  const [settings] = resolveRateLimit(options)
  assert.ok(settings !== undefined)
  const isShared = settings.store === 'shared'
  const algorithm = isShared ? settings.share(4) : settings.algorithm
  return {
    settings,
    counts: new LimitCounts(settings.name, settings, chance),
    algorithm,
    mostRunning: settings.quota,
    isShared
  }
}

function usedOf({ settings, counts, algorithm }: RateLimit, now: number): number {
  return settings.quota - algorithm.left(counts.bucket(fakeExchange().ingress.client, algorithm, now), now)
}

async function turns(): Promise<void> {
  for (let n = 0; n < 12; n++) await null
}
