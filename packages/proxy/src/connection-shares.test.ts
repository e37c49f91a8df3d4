import assert from 'node:assert/strict'
import test from 'node:test'
import { resolvePool, type UpstreamConnection } from '@gatewright/core'
import fc from 'fast-check'
import type { Connection, Waiter } from './connection.js'
import { Connections } from './connections.js'
import type { ClientPace } from './slow-clients.js'
import { TimerWheel } from './timer-wheel.js'

class FakeUpstream implements UpstreamConnection {
  readonly lost: () => void

  constructor(lost: () => void) {
    this.lost = lost
  }

  begin(): void {}
  resume(): void {}
  abort(): void {}
  async destroy(): Promise<void> {}
}

class FakeWaiter implements Waiter {
  readonly startedAt = 0
  readonly client: string
  nextWaiter: Waiter | null = null
  previousWaiter: Waiter | null = null
  waiting = false
  overShare = false
  connection: Connection | null = null
  displaced = false
  pace: ClientPace | null = null
  takenBack = false

  constructor(client: string) {
    this.client = client
  }

  connected(connection: Connection): void {
    this.connection = connection
    connection.user = this
  }

  displace(): void {
    this.displaced = true
  }

  takeBack(): void {
    this.takenBack = true
  }

  clientPace(): ClientPace | null {
    return this.pace
  }
}

function shared(connections: { max: number; perClient: number; maxQueue?: number }) {
  let now = 10_000
  const wheel = new TimerWheel(() => now, { after: () => () => {}, every: () => () => {} })
  const all = new Connections(
    resolvePool({ endpoints: [], connections }),
    (lost) => new FakeUpstream(lost),
    wheel
  )
  return {
    all,
    advance(ms: number): void {
      for (const end = now + ms; now < end; ) {
        now += 10
        wheel.advance()
      }
    },
    begin(client: string): FakeWaiter {
      const waiter = new FakeWaiter(client)
      const got = all.acquire(waiter)
      if (typeof got !== 'string') waiter.connected(got)
      return waiter
    },
    end(waiter: FakeWaiter, healthy = true): void {
      const { connection } = waiter
      waiter.connection = null
      if (connection !== null) all.release(connection, healthy)
    }
  }
}

test('what a client has beyond its share waits beside free connections; another client gets one at once', () => {
  const { all, begin, end } = shared({ max: 10, perClient: 3 })
  const many = Array.from({ length: 8 }, () => begin('a'))
  assert.deepEqual([all.open, all.waiting], [3, 5])
  assert.ok(begin('b').connection)
  end(many[1] as FakeWaiter)
  assert.ok(many[3]?.connection)
  assert.equal(many[4]?.connection, null)
  assert.deepEqual([all.open, all.waiting, all.idle], [4, 4, 0])
})

test('beyond its share a client is refused where the line is full, and displaces nobody', () => {
  const { begin, all } = shared({ max: 2, perClient: 1, maxQueue: 1 })
  begin('a')
  begin('b')
  const waiting = begin('c')
  const refused = begin('a')
  assert.deepEqual([refused.waiting, refused.overShare], [false, true])
  assert.equal(waiting.waiting, true)
  assert.equal(all.waiting, 1)
})

test('for one beyond its share no connection is taken from a slow client', () => {
  const { begin, advance } = shared({ max: 4, perClient: 1 })
  const slow = begin('slow')
  slow.pace = { waitedSince: 10_000, pauseMs: 0 }
  begin('a')
  const beyond = begin('a')
  assert.equal(beyond.waiting, true)
  advance(20_000)
  assert.equal(slow.takenBack, false)
})

interface Act {
  readonly kind: 'begin' | 'end' | 'break'
  readonly client: string
  readonly which: number
}

const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom('begin', 'begin', 'begin', 'end', 'end', 'break'),
  client: fc.constantFrom('a', 'a', 'a', 'b', 'b', 'c', '2001:db8::1'),
  which: fc.nat()
})

function connectionsByClient(running: Iterable<FakeWaiter>): Map<string, number> {
  const held = new Map<string, number>()
  for (const { client, connection } of running)
    if (connection !== null) held.set(client, (held.get(client) ?? 0) + 1)
  return held
}

test('shares hold, none waits in vain and nothing stays counted, however requests come and go', () => {
  const limits = fc.record({
    max: fc.integer({ min: 1, max: 8 }),
    perClient: fc.integer({ min: 1, max: 4 }),
    maxQueue: fc.nat(12)
  })
  const property = fc.property(limits, fc.array(act, { size: 'large', maxLength: 300 }), (limit, acts) => {
    const { all, begin, end } = shared(limit)
    const leave = (waiter: FakeWaiter, healthy: boolean): void => {
      if (waiter.waiting) all.leave(waiter)
      end(waiter, healthy)
    }
    let running: FakeWaiter[] = []
    for (const { kind, client, which } of acts) {
      const some = running[which % (running.length || 1)]
      if (kind === 'begin') running.push(begin(client))
      else if (some !== undefined) leave(some, kind === 'end')
      running = running.filter(({ waiting, connection }) => waiting || connection !== null)
      const held = connectionsByClient(running)
      const used = [...held.values()].reduce((sum, count) => sum + count, 0)
      assert.ok(used <= limit.max && Math.max(0, ...held.values()) <= limit.perClient)
      for (const { waiting, client } of running)
        if (waiting) assert.ok(used === limit.max || held.get(client) === limit.perClient)
    }
    for (const waiter of running) if (waiter.waiting) all.leave(waiter)
    for (const waiter of running) end(waiter)
    const most = Math.min(limit.max, limit.perClient)
    for (const client of ['a', 'b', 'c', '2001:db8::2']) {
      const whole = Array.from({ length: most }, () => begin(client))
      assert.ok(whole.every(({ connection }) => connection !== null))
      for (const waiter of whole) end(waiter)
    }
  })
  fc.assert(property, { numRuns: 500, seed: 1 })
})
