import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededChance } from '@gatewright/testing'
import type { Message } from './channel.js'
import { type FakeWorker, fakeTeam, refuses, SILENCE, wellAnswered } from './fake-workers.js'

/** A worker as a real one: it runs a version, and knows one that it has made ready. */
class Replica {
  running = ''
  ready: string | null = null

  take(type: string, { text, body }: Message, chance: () => number): Promise<Partial<Message>> | 'well' {
    if (type === 'start') {
      if (chance() < 0.1) refuses('cannot start')
      this.running = text
    } else if (type === 'prepare') {
      void body
      if (text.includes('wrong')) refuses('wrong')
      if (chance() < 0.05) return SILENCE
      this.ready = text
    } else if (type === 'commit') {
      if (this.ready === null) refuses('nothing is ready')
      if (chance() < 0.02) return SILENCE
      this.running = this.ready as string
    }
    return 'well'
  }
}

for (let seed = 1; seed <= 6; seed++)
  test(`whatever happens to workers, all end with one version, and the primary goes on (seed ${seed})`, async () => {
    const chance = seededChance(seed)
    const team = fakeTeam()
    const replicas = new Map<FakeWorker, Replica>()
    const behave = (): void => {
      const replica = new Replica()
      const index = team.workers.length
      team.next = {
        answer(type, message) {
          const worker = team.workers[index] as FakeWorker
          replicas.set(worker, replica)
          const taken = replica.take(type, message, calm ? () => 1 : chance)
          return taken === 'well' ? wellAnswered(worker, type) : taken
        }
      }
    }
    let calm = true
    const fresh = (): void =>
      Object.defineProperty(team, 'next', { get: () => made(), configurable: true }) as never
    const made = () => {
      Object.defineProperty(team, 'next', { value: {}, writable: true, configurable: true })
      behave()
      const { next } = team
      fresh()
      return next
    }
    fresh()
    const workers = await team.start({ count: 3 })
    calm = false
    let version = 'v1'
    for (let step = 0; step < 120; step++) {
      const alive = team.workers.filter(({ gone }) => !gone)
      const victim = alive[Math.floor(chance() * alive.length)]
      const what = chance()
      if (what < 0.25) victim?.end(null, 'SIGKILL')
      else if (what < 0.35) victim?.channel.tell('leave')
      else if (what < 0.45)
        victim?.utter({ gatewright: 'tell', id: step, type: 'stage', body: { stage: 'x' } })
      else if (what < 0.55) workers.restart().catch(() => {})
      else if (what < 0.9) {
        const next = chance() < 0.3 ? `wrong${step}` : `v${step + 2}`
        const changing = workers.change(next).then((changed) => {
          if (changed.applied) version = next
          assert.ok(!changed.applied || !next.includes('wrong'))
        })
        if (chance() < 0.5) victim?.end(1)
        void changing
      }
      await team.pass(chance() < 0.2 ? 12_000 : 50)
    }
    calm = true
    await team.pass(150_000)
    const changed = workers.change('last')
    await team.pass(70_000)
    if ((await changed).applied) version = 'last'
    const running = team.workers.filter(({ gone }) => !gone).map((worker) => replicas.get(worker)?.running)
    assert.deepEqual(
      running,
      Array.from({ length: 3 }, () => version)
    )
    assert.equal(version, 'last')
    void workers.stop()
    await team.pass(30_000)
    assert.ok([0, 1].includes(await workers.closed))
    assert.ok(team.workers.every(({ gone }) => gone))
  })
