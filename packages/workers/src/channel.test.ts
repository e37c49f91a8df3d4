import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededChance, virtualTime } from '@gatewright/testing'
import { Channel, type Listener, RefusedError, SilentError } from './channel.js'

/** Two ends of a channel; `lost` says which messages do not arrive. */
function ends(listener: Partial<Listener> = {}, lost: (message: object) => boolean = () => false) {
  const time = virtualTime()
  const nothing: Listener = { told() {}, asked: async () => ({}) }
  const over = (to: () => Channel) => ({
    send(message: object) {
      const copy = JSON.parse(JSON.stringify(message))
      if (!lost(copy)) queueMicrotask(() => to().received(copy))
    }
  })
  const here: Channel = new Channel(
    over(() => there),
    nothing,
    time.timers
  )
  const there: Channel = new Channel(
    over(() => here),
    { ...nothing, ...listener },
    time.timers
  )
  return { here, there, time }
}

test('a question gets its answer, whatever else is asked meanwhile', async () => {
  const { here } = ends({
    asked: async (type, { body, text }) => ({ body: { type, body }, text: `${text}!` })
  })
  const answers = await Promise.all([here.ask('a', 1, { x: 1 }, 'one'), here.ask('b', 1)])
  assert.deepEqual(answers, [
    { body: { type: 'a', body: { x: 1 } }, text: 'one!' },
    { body: { type: 'b', body: {} }, text: '!' }
  ])
})

test('a long text comes in parts, and is whole', async () => {
  const text = 'x'.repeat(200_000)
  let sent = 0
  const { here } = ends({ asked: async (_type, message) => ({ text: message.text }) }, () => ++sent < 0)
  const [one, two] = await Promise.all([here.ask('a', 1, {}, text), here.ask('b', 1, {}, `${text}y`)])
  assert.deepEqual([one.text === text, two.text === `${text}y`], [true, true])
  assert.ok(sent > 12)
})

test('a text of which a part is missing answers nothing', async () => {
  let parts = 0
  const { here, time } = ends(
    {},
    (message) => (message as { gatewright?: string }).gatewright === 'part' && ++parts === 2
  )
  const answer = here.ask('a', 100, {}, 'x'.repeat(200_000))
  await Promise.resolve()
  time.advance(100)
  await assert.rejects(answer, SilentError)
})

test('a refusal is told with its kind', async () => {
  const { here } = ends({ asked: () => Promise.reject(new RefusedError('no', 'change')) })
  await assert.rejects(
    here.ask('a', 1),
    (error: RefusedError) => error.message === 'no' && error.kind === 'change'
  )
})

test('who does not answer in time, or goes, leaves no question open', async () => {
  const { here, time } = ends({ asked: () => new Promise(() => {}) })
  const late = here.ask('a', 1_000)
  time.advance(1_000)
  await assert.rejects(late, /within 1 s/)
  const lost = here.ask('b', 1_000)
  here.close()
  await assert.rejects(lost, /it has gone/)
  await assert.rejects(here.ask('c', 1_000), /it has gone/)
  assert.equal(time.pending, 0)
})

test('whatever is no message is passed over', () => {
  const told: string[] = []
  const { there } = ends({ told: (type) => told.push(type) })
  const chance = seededChance(7)
  const values = [
    null,
    undefined,
    0,
    -1,
    1.5,
    '',
    'tell',
    'ask',
    'answer',
    'part',
    'refusal',
    {},
    [],
    true,
    { bundle: 1 }
  ]
  const any = (): unknown => values[Math.floor(chance() * values.length)]
  for (let n = 0; n < 20_000; n++) {
    there.received(any())
    there.received({ gatewright: any(), id: any(), type: any(), body: any(), text: any(), parts: any() })
  }
  there.received({ gatewright: 'tell', id: 1, type: 'well', body: {} })
  assert.equal(told.at(-1), 'well')
})

test('parts without an end take no memory for ever', async () => {
  const { there, here } = ends({ asked: async (_type, { text }) => ({ text }) })
  const part = 'x'.repeat(1024 * 1024)
  for (let id = 1; id <= 600; id++)
    there.received({ gatewright: 'part', id, type: 'a', body: null, text: part })
  assert.equal((await here.ask('a', 1, {}, 'y'.repeat(100_000))).text.length, 100_000)
})
