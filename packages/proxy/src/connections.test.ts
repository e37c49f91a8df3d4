import assert from 'node:assert/strict'
import test from 'node:test'
import { resolvePool, type UpstreamConnection } from '@gatewright/core'
import type { Connection, Waiter } from './connection.js'
import { Connections } from './connections.js'
import type { ClientPace } from './slow-clients.js'
import { TimerWheel } from './timer-wheel.js'

class FakeUpstream implements UpstreamConnection {
  readonly lost: (error?: unknown) => void
  destroyed = 0

  constructor(lost: (error?: unknown) => void) {
    this.lost = lost
  }

  begin(): void {}
  resume(): void {}
  abort(): void {}
  async destroy(): Promise<void> {
    this.destroyed++
  }
}

class FakeWaiter implements Waiter {
  readonly client: string
  readonly startedAt: number
  nextWaiter: Waiter | null = null
  previousWaiter: Waiter | null = null
  waiting = false
  overShare = false
  pace: ClientPace | null = null
  connection: Connection | null = null
  takenBack = 0
  onDisplaced = (): void => assert.fail('displaced')
  readonly #connections: Connections

  constructor(connections: Connections, client: string, startedAt: number) {
    this.#connections = connections
    this.client = client
    this.startedAt = startedAt
  }

  begin(): string {
    const connection = this.#connections.acquire(this)
    if (typeof connection === 'string') return connection
    this.connected(connection)
    return 'connected'
  }

  leaveQueue(): void {
    this.#connections.leave(this)
  }

  connected(connection: Connection): void {
    this.connection = connection
    connection.user = this
  }

  takeBack(): void {
    this.takenBack++
    this.#connections.release(this.connection as Connection, false)
  }

  displace(): void {
    this.onDisplaced()
  }

  clientPace(): ClientPace | null {
    return this.pace
  }
}

function connectionsAt(connections: {
  max: number
  maxQueue?: number
  maxRequests?: number
  minRate?: '0B'
  perClient?: number
}) {
  let now = 10_000
  const wheel = new TimerWheel(() => now, { after: () => () => {}, every: () => () => {} })
  const settings = resolvePool({ endpoints: [], connections: { queueTimeout: '1s', ...connections } })
  const all = new Connections(settings, (lost) => new FakeUpstream(lost), wheel)
  return {
    wheel,
    all,
    begin(client: string, begun: string, pace: ClientPace | null = null): FakeWaiter {
      const waiter = new FakeWaiter(all, client, now)
      assert.equal(waiter.begin(), begun)
      waiter.pace = pace
      return waiter
    },
    advance(ms: number, step = 10) {
      for (const end = now + ms; now < end; ) {
        now += step
        wheel.advance()
      }
    }
  }
}

const NEVER_READS: ClientPace = { waitedSince: 10_000, pauseMs: 0 }

test('a connection that only waits for its client is taken back for one that waits, not before', () => {
  const { all, wheel, begin, advance } = connectionsAt({ max: 2 })
  const slow = begin('a', 'connected', NEVER_READS)
  const busy = begin('b', 'connected')
  advance(60_000)
  assert.equal(wheel.size, 0)
  assert.equal(slow.takenBack, 0)
  const waiting = begin('c', 'wait')
  advance(240)
  assert.equal(slow.takenBack, 0)
  advance(100)
  assert.equal(slow.takenBack, 1)
  assert.equal(busy.takenBack, 0)
  assert.equal(waiting.connection?.user, waiting)
  assert.notEqual(waiting.connection, slow.connection)
  assert.equal(all.open, 2)
  advance(1_000)
  assert.equal(wheel.size, 0)
})

test('no more connections are taken back than requests wait', () => {
  const { begin, advance } = connectionsAt({ max: 8 })
  const crowd = Array.from({ length: 8 }, () => begin('a', 'connected', NEVER_READS))
  begin('b', 'wait')
  begin('c', 'wait')
  advance(5_000)
  assert.deepEqual(
    crowd.map(({ takenBack }) => takenBack),
    [1, 1, 0, 0, 0, 0, 0, 0]
  )
})

test('after the process has stood still, what clients have done meanwhile is read before they are judged', () => {
  const { begin, advance } = connectionsAt({ max: 1 })
  const client = begin('a', 'connected', { waitedSince: 10_000, received: 0 })
  const waiting = begin('b', 'wait')
  advance(3_000, 3_000)
  assert.equal(client.takenBack, 0)
  client.pace = { waitedSince: 10_000, received: 100_000 }
  advance(100)
  assert.equal(client.takenBack, 0)
  assert.equal(waiting.waiting, true)
})

test('a process that stands still all the time judges them all the same', () => {
  const { begin, advance } = connectionsAt({ max: 1 })
  const client = begin('a', 'connected', NEVER_READS)
  begin('b', 'wait')
  advance(1_000, 500)
  assert.equal(client.takenBack, 1)
})

test('where nobody may wait, connections are taken back for as many as were refused', () => {
  const { wheel, begin, advance } = connectionsAt({ max: 3, maxQueue: 0 })
  const crowd = Array.from({ length: 3 }, () => begin('a', 'connected', NEVER_READS))
  advance(1_000)
  begin('b', 'full')
  begin('b', 'full')
  advance(2_000)
  assert.deepEqual(
    crowd.map(({ takenBack }) => takenBack),
    [1, 1, 0]
  )
  begin('b', 'connected')
  assert.equal(wheel.size, 0)
})

test('without a least rate no connection is taken back', () => {
  const { wheel, begin, advance } = connectionsAt({ max: 1, minRate: '0B' })
  const client = begin('a', 'connected', NEVER_READS)
  begin('b', 'wait')
  assert.equal(wheel.size, 0)
  advance(60_000)
  assert.equal(client.takenBack, 0)
})

test('who is displaced from the line hears of it when the other has the place', () => {
  const { all, begin } = connectionsAt({ max: 1, maxQueue: 2 })
  const busy = begin('a', 'connected')
  const first = begin('a', 'wait')
  const second = begin('a', 'wait')
  begin('a', 'full')
  let lengthThen = -1
  second.onDisplaced = () => {
    lengthThen = all.waiting
    assert.equal(second.begin(), 'full')
  }
  const other = begin('b', 'wait')
  assert.equal(lengthThen, 2)
  begin('c', 'full')
  all.release(busy.connection as Connection, true)
  all.release(first.connection as Connection, true)
  assert.equal(other.connection, busy.connection)
  assert.equal(all.waiting, 0)
})

test('a busy connection that breaks goes alone: the idle one beside it is kept and used next', () => {
  const { all, begin } = connectionsAt({ max: 2 })
  const { connection: busy } = begin('a', 'connected')
  const { connection: idle } = begin('b', 'connected')
  assert.ok(busy !== null && idle !== null)
  all.release(idle, true)
  lose(busy)
  all.release(busy, false)
  assert.deepEqual([all.open, all.idle], [1, 1])
  assert.equal(begin('c', 'connected').connection, idle)
})

test('an idle connection that breaks is gone, and the busy one beside it is kept', () => {
  const { all, begin } = connectionsAt({ max: 2 })
  const { connection: busy } = begin('a', 'connected')
  const { connection: idle } = begin('b', 'connected')
  assert.ok(busy !== null && idle !== null)
  all.release(idle, true)
  lose(idle)
  assert.deepEqual([all.open, all.idle], [1, 0])
  all.release(busy, true)
  assert.equal(begin('c', 'connected').connection, busy)
})

test('closing, connections go as they are given back, the line is served, and at last it is told that all is empty', () => {
  const { all, begin } = connectionsAt({ max: 2 })
  let emptied = 0
  all.emptied = () => emptied++
  const [one, two] = [begin('a', 'connected'), begin('b', 'connected')]
  const waiting = begin('c', 'wait')
  all.closeIdle()
  all.release(one.connection as Connection, true)
  assert.equal(waiting.connection, one.connection)
  all.release(two.connection as Connection, true)
  assert.deepEqual([all.open, emptied], [1, 0])
  all.release(waiting.connection as Connection, false)
  assert.deepEqual([all.open, emptied], [0, 1])
  // An earlier holder may still ask.
  const late = begin('d', 'connected')
  all.release(late.connection as Connection, true)
  assert.deepEqual([all.open, emptied], [0, 2])
})

test('what was closing and is needed again keeps its connections', () => {
  const { all, begin } = connectionsAt({ max: 2 })
  const { connection } = begin('a', 'connected')
  all.closeIdle()
  all.keepIdle()
  all.release(connection as Connection, true)
  assert.deepEqual([all.open, all.idle], [1, 1])
  all.closeIdle()
  assert.deepEqual([all.open, all.idle], [0, 0])
})

test('what is closing when nothing is open is told that all is empty', () => {
  const { all } = connectionsAt({ max: 2 })
  let emptied = 0
  all.emptied = () => emptied++
  all.closeIdle()
  assert.equal(emptied, 1)
})

test('destroyed, every connection is closed, idle or not, and nobody is looked after any more', async () => {
  const { all, wheel, begin } = connectionsAt({ max: 2 })
  const [busy, idle] = [begin('a', 'connected'), begin('b', 'connected')]
  begin('c', 'wait').leaveQueue()
  all.release(idle.connection as Connection, true)
  assert.deepEqual([wheel.size, all.idle], [1, 1])
  const upstreams = [busy, idle].map(({ connection }) => connection?.upstream as FakeUpstream)
  await all.destroy()
  assert.deepEqual([all.open, all.idle, all.closing, wheel.size], [0, 0, true, 0])
  assert.deepEqual(
    upstreams.map(({ destroyed }) => destroyed),
    [1, 1]
  )
})

test('a connection that is used again is busy: when it breaks, whoever uses it gives it back', () => {
  const { all, begin } = connectionsAt({ max: 1 })
  const { connection } = begin('a', 'connected')
  all.release(connection as Connection, true)
  assert.equal(begin('a', 'connected').connection, connection)
  lose(connection as Connection)
  assert.equal(all.open, 1)
  all.release(connection as Connection, false)
  assert.equal(all.open, 0)
})

test('a connection ends with the last request that it may serve', () => {
  for (const [maxRequests, served, ends] of [
    [0, 0, false],
    [1, 0, true],
    [2, 0, false],
    [2, 1, true],
    [2, 2, true]
  ] as const) {
    const { all } = connectionsAt({ max: 1, maxRequests })
    assert.equal(all.endsWithNext({ served } as Connection), ends, `${maxRequests} ${served}`)
  }
})

test('a connection that is lost counts its requests from the beginning when it is made anew', () => {
  const { all, begin } = connectionsAt({ max: 1, maxRequests: 2 })
  const { connection } = begin('a', 'connected')
  all.release(connection as Connection, true)
  begin('a', 'connected')
  assert.equal(all.endsWithNext(connection as Connection), true)
  lose(connection as Connection)
  assert.equal(all.endsWithNext(connection as Connection), false)
})

test('an endpoint that has sent a body behind the answer to HEAD ends a connection with each HEAD', () => {
  const unasked = new Error('bad response')
  for (const [head, error, known] of [
    [true, unasked, true],
    [true, new Error('read'), false],
    [false, unasked, false]
  ] as const) {
    const { all, begin } = connectionsAt({ max: 2 })
    const connection = begin('a', 'connected').connection as Connection
    if (head) assert.equal(all.endsWithHead(connection), false)
    lose(connection, error)
    assert.equal(connection.headSent, false)
    assert.equal(
      all.endsWithHead(begin('b', 'connected').connection as Connection),
      known,
      `${head} ${error}`
    )
  }
})

function lose({ upstream }: Connection, error?: unknown): void {
  ;(upstream as FakeUpstream).lost(error)
}
