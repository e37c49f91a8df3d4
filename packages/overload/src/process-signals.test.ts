import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSampler } from './process-signals.js'

/** A monitor of turns that take these milliseconds, and the CPU time that the process has had when it is asked. */
function sampled(
  samples: readonly { readonly turns: readonly number[]; readonly cpuMs: number }[]
): number[] {
  let turns: readonly number[] = []
  let cpuMs = 0
  const monitor = {
    get count() {
      return turns.length
    },
    get mean() {
      return (turns.reduce((sum, ms) => sum + ms, 0) / turns.length) * 1e6
    },
    get max() {
      return Math.max(...turns) * 1e6
    },
    reset() {
      turns = []
    }
  }
  const sampler = createSampler(monitor, () => ({ user: cpuMs * 1_000, system: 0 }))
  return samples.map((sample) => {
    turns = sample.turns
    cpuMs += sample.cpuMs
    return Math.round(sampler.sample().delayMs)
  })
}

const ordinary = new Array(49).fill(11)

test('a pause of the whole process is no delay of its event loop', () => {
  assert.deepEqual(
    sampled([
      { turns: ordinary, cpuMs: 50 },
      { turns: [...ordinary, 1_500], cpuMs: 60 },
      { turns: ordinary, cpuMs: 50 }
    ]),
    [1, 3, 1]
  )
})

test('nor is one that the monitor tells of after the next measurement', () => {
  assert.deepEqual(
    sampled([
      { turns: [], cpuMs: 50 },
      { turns: [1_500, ...ordinary], cpuMs: 50 }
    ]),
    [0, 3]
  )
})

test('what keeps the event loop from turning while it has the CPU is', () => {
  assert.deepEqual(
    sampled([
      { turns: ordinary, cpuMs: 50 },
      { turns: [1_500, 11, 11], cpuMs: 1_510 },
      { turns: new Array(5).fill(100), cpuMs: 500 }
    ]),
    [1, 497, 90]
  )
})

test('so are pauses one after the other: only the longest is left out', () => {
  assert.deepEqual(
    sampled([
      { turns: ordinary, cpuMs: 10 },
      { turns: [100, 100, 100, 100, 100], cpuMs: 10 }
    ]),
    [1, 74]
  )
})
