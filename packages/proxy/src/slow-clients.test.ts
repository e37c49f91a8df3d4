import assert from 'node:assert/strict'
import test from 'node:test'
import { type ClientPace, type Holder, SlowClients } from './slow-clients.js'

const SETTINGS = { minRate: 1_000, queueTimeoutMs: 1_000 }

class Client implements Holder {
  readonly #pace: () => ClientPace | null
  constructor(pace: () => ClientPace | null) {
    this.#pace = pace
  }

  clientPace(): ClientPace | null {
    return this.#pace()
  }
}

const sender = (waitedSince: number, received: number): Client =>
  new Client(() => ({ waitedSince, received }))
const reader = (waitedSince: number, pauseMs = 0): Client => new Client(() => ({ waitedSince, pauseMs }))

function slowAt(now: number, client: Client): boolean {
  return new SlowClients(SETTINGS).find([client], 1, now).length === 1
}

test('a client that sends nothing is too slow after half of the time that requests wait', () => {
  assert.equal(slowAt(10_499, sender(10_000, 0)), false)
  assert.equal(slowAt(10_500, sender(10_000, 0)), true)
})

test('what a client has sent lets it pause for as long as the least rate takes, and for 10 s at most', () => {
  const settled = (received: number): SlowClients<Client> => {
    const slow = new SlowClients<Client>(SETTINGS)
    assert.deepEqual(slow.find([sender(10_000, received)], 1, 10_000), [])
    return slow
  }
  assert.equal(slowAt(13_499, sender(10_000, 3_000)), false)
  assert.equal(slowAt(13_500, sender(10_000, 3_000)), true)
  const client = sender(10_000, 10_000_000)
  const slow = settled(0)
  slow.find([client], 1, 10_000)
  assert.deepEqual(slow.find([client], 1, 19_999), [])
  assert.deepEqual(slow.find([client], 1, 20_000), [client])
})

test('a client that goes on at the least rate keeps its connection, and one at half of it does not', () => {
  for (const [rate, kept] of [
    [1_000, true],
    [500, false]
  ] as const) {
    let now = 0
    const client = new Client(() => ({ waitedSince: 1, received: (now / 1_000) * rate }))
    const slow = new SlowClients<Client>(SETTINGS)
    let found = 0
    for (now = 100; now <= 60_000; now += 100) found += slow.find([client], 1, now).length
    assert.equal(found === 0, kept, `${rate} bytes a second`)
  }
})

test('the time in which the upstream takes nothing is not held against a client', () => {
  assert.equal(slowAt(60_000, sender(0, 0)), false)
  assert.equal(slowAt(60_000, sender(59_700, 0)), false)
})

test('a client that does not read is too slow after half of the time that requests wait', () => {
  assert.equal(slowAt(10_499, reader(10_000)), false)
  assert.equal(slowAt(10_500, reader(10_000)), true)
})

test('a client that has paused before may pause for twice as long, and for 30 s at most', () => {
  assert.equal(slowAt(13_999, reader(10_000, 2_000)), false)
  assert.equal(slowAt(14_000, reader(10_000, 2_000)), true)
  assert.equal(slowAt(39_999, reader(10_000, 600_000)), false)
  assert.equal(slowAt(40_000, reader(10_000, 600_000)), true)
})

test('one whose connection waits for the upstream is never too slow', () => {
  assert.equal(slowAt(1_000_000, new Client(() => null)), false)
})

test('those that have been too slow for longest come first, and no more than asked for', () => {
  const clients = [reader(3_000), sender(1_000, 0), reader(2_000, 300), reader(1_500, 5_000)]
  assert.deepEqual(new SlowClients(SETTINGS).find(clients, 2, 9_000), [clients[1], clients[2]])
})

test('without a least rate nobody looks', () => {
  assert.equal(new SlowClients({ ...SETTINGS, minRate: 0 }).everyMs, 0)
  assert.equal(new SlowClients(SETTINGS).everyMs, 100)
})

test('where requests may wait for ever, a client is still given no more than half a second', () => {
  assert.equal(new SlowClients({ ...SETTINGS, queueTimeoutMs: 0 }).graceMs, 500)
  assert.equal(new SlowClients({ ...SETTINGS, queueTimeoutMs: 3_600_000 }).graceMs, 5_000)
})
