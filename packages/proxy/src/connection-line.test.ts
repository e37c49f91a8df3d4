import assert from 'node:assert/strict'
import test from 'node:test'
import { ConnectionLine, type LineMember } from './connection-line.js'

class Waiter implements LineMember<Waiter> {
  nextWaiter: Waiter | null = null
  previousWaiter: Waiter | null = null
  waiting = false
  overShare = false
  readonly client: string
  readonly name: string
  readonly startedAt: number

  constructor(name: string, client: string, startedAt = 0) {
    this.name = name
    this.client = client
    this.startedAt = startedAt
  }
}

/** `a1 b1 a2`: clients by letter, each member with its place among those of its client. */
function lineOf(names: string): { line: ConnectionLine<Waiter>; waiters: Map<string, Waiter> } {
  const line = new ConnectionLine<Waiter>()
  const waiters = new Map(names.split(' ').map((name) => [name, new Waiter(name, name.slice(0, 1))]))
  for (const waiter of waiters.values()) line.join(waiter)
  return { line, waiters }
}

function drained(line: ConnectionLine<Waiter>): string {
  const names: string[] = []
  for (let waiter = line.next(); waiter !== null; waiter = line.next()) names.push(waiter.name)
  return names.join(' ')
}

for (const [came, served] of [
  ['a1 a2 a3', 'a1 a2 a3'],
  ['a1 b1 c1', 'a1 b1 c1'],
  ['a1 a2 a3 a4 b1', 'a1 b1 a2 a3 a4'],
  ['a1 a2 a3 b1 b2 c1', 'a1 b1 c1 a2 b2 a3']
])
  test(`of those that came as ${came} the turns are ${served}`, () => {
    const { line } = lineOf(came as string)
    assert.equal(drained(line), served)
    assert.equal(line.size, 0)
  })

for (const [leaving, served] of [
  ['a1', 'a2 b1 a3'],
  ['a2', 'a1 b1 a3'],
  ['a3', 'a1 b1 a2'],
  ['b1', 'a1 a2 a3']
] as const)
  test(`when ${leaving} leaves, the others keep their turns`, () => {
    const { line, waiters } = lineOf('a1 a2 b1 a3')
    line.leave(waiters.get(leaving) as Waiter)
    line.leave(waiters.get(leaving) as Waiter)
    assert.equal(line.size, 3)
    assert.equal(drained(line), served)
  })

test('one that comes back after everybody has left waits as any other', () => {
  const { line, waiters } = lineOf('a1')
  const [waiter] = [...waiters.values()] as [Waiter]
  line.leave(waiter)
  assert.equal(line.next(), null)
  line.join(waiter)
  assert.equal(drained(line), 'a1')
})

for (const [came, client, displaced] of [
  ['a1 a2 a3 b1', 'c', 'a3'],
  ['a1 a2 a3 b1', 'b', 'a3'],
  ['a1 a2 a3 b1', 'a', null],
  ['a1 a2 b1 b2 b3', 'a', null],
  ['a1 a2 b1 b2 b3 b4', 'a', 'b4'],
  ['a1 b1 c1', 'd', null],
  ['a1 b1 b2', 'd', 'b2']
] as const)
  test(`in the full line ${came}, one of ${client} displaces ${displaced ?? 'nobody'}`, () => {
    assert.equal(lineOf(came).line.displacedBy(new Waiter('new', client))?.name ?? null, displaced)
  })

test('addresses of one IPv6 network are one client', () => {
  const line = new ConnectionLine<Waiter>()
  for (let i = 1; i < 5; i++) line.join(new Waiter(`flood${i}`, `2001:db8::${i}`))
  const other = new Waiter('other', '2001:db8:0:1::1')
  assert.equal(line.displacedBy(other)?.name, 'flood4')
  line.join(other)
  assert.equal(drained(line), 'flood1 other flood2 flood3 flood4')
})

test('it says how many have waited since a time', () => {
  const line = new ConnectionLine<Waiter>()
  for (const [client, at] of [
    ['a', 10],
    ['b', 20],
    ['a', 30],
    ['b', 40]
  ] as const)
    line.join(new Waiter('', client, at))
  assert.deepEqual(
    [9, 10, 29, 40].map((at) => line.since(at)),
    [0, 1, 2, 4]
  )
})

test('a client that has its share has no turn until it gives a connection back; others have theirs', () => {
  const line = new ConnectionLine<Waiter>(2)
  const [a1, a2, a3, a4, b1] = ['a1', 'a2', 'a3', 'a4', 'b1'].map(
    (name) => new Waiter(name, name.slice(0, 1))
  ) as [Waiter, Waiter, Waiter, Waiter, Waiter]
  for (const waiter of [a1, a2]) {
    assert.equal(line.isOverShare(waiter), false)
    line.took(waiter)
  }
  for (const waiter of [a3, a4]) {
    assert.equal(line.isOverShare(waiter), true)
    line.join(waiter)
  }
  assert.equal(line.next(), null)
  assert.equal(line.since(100), 0)
  assert.equal(line.isOverShare(b1), false)
  line.join(b1)
  assert.equal(line.since(100), 1)
  assert.equal(line.next(), b1)
  line.gave(a1)
  assert.equal(line.next(), a3)
  line.took(a3)
  assert.equal(line.next(), null)
  line.leave(a4)
  assert.deepEqual([a3.overShare, a4.overShare, line.size], [false, true, 0])
})

test('where one that waits has its share, its newest is displaced as any other', () => {
  const line = new ConnectionLine<Waiter>(1)
  line.took(new Waiter('a1', 'a'))
  for (const name of ['a2', 'a3']) line.join(new Waiter(name, 'a'))
  assert.equal(line.displacedBy(new Waiter('b1', 'b'))?.name, 'a3')
})

test('addresses of one IPv6 network have one share', () => {
  const line = new ConnectionLine<Waiter>(1)
  line.took(new Waiter('', '2001:db8::1'))
  assert.equal(line.isOverShare(new Waiter('', '2001:db8::2')), true)
  assert.equal(line.isOverShare(new Waiter('', '2001:db8:0:1::2')), false)
})
