import { setTimeout } from 'node:timers/promises'
import { probe } from '../load/probe.mjs'
import { wrk } from '../load/wrk.mjs'
import { cpuUs, memoryMiB } from '../machine/usage.mjs'
import { say, warn } from '../progress.mjs'
import { columns } from './columns.mjs'

/** How many times the processes are started anew. */
const LIVES = 3

/**
 * Measures contestants in alternating rounds, each in an order of its own, with new processes for each third of the
 * rounds, as the luck of a process stays with it for its whole life. All of them stay alive, idle but for their turn.
 * There may be a pause after the warm-up, and a lead-in before each turn, which is not counted.
 *
 * A contestant is `{ name, load, start }`, where `start()` gives a listening process. One that does not start,
 * answers wrongly or dies is reported and left out; the others go on.
 * Returns `{ rounds, seconds, contestants: { [name]: { rounds, median, rssMiB, peakMiB } }, skipped: { [name]: why } }`.
 */
export async function compare(
  contestants,
  { rounds, seconds, warmUpSeconds, pauseSeconds = 0, leadInSeconds = 0 }
) {
  const skipped = {}
  const measured = new Map()
  const random = randomFrom(rounds)
  for (let life = 0, round = 0; life < LIVES && round < rounds; life++) {
    const last = Math.round(((life + 1) * rounds) / LIVES)
    const running = await startAll(
      contestants.filter(({ name }) => skipped[name] === undefined),
      measured,
      skipped
    )
    const leaveOut = async (one, error) => {
      skipped[one.name] = error.message
      measured.delete(one.name)
      warn(`${one.name} is left out: ${error.message}`)
      running.splice(running.indexOf(one), 1)
      await one.process.stop()
    }
    try {
      for (const one of [...running]) {
        say(`warm-up  ${one.name}`)
        await wrk(one.process.port, one.load, warmUpSeconds).catch((error) => leaveOut(one, error))
      }
      await setTimeout(pauseSeconds * 1_000)
      for (; round < last; round++) {
        for (const one of shuffled(running, random)) {
          try {
            if (leadInSeconds > 0) await wrk(one.process.port, one.load, leadInSeconds)
            const result = await measure(one, seconds)
            one.measured.rounds[round] = result
            say(`${round + 1}/${rounds}  ${one.name}  ${line(result)}`)
          } catch (error) {
            await leaveOut(one, error)
          }
        }
      }
      for (const one of running) one.measured.memory = memoryMiB(one.process.pid)
    } finally {
      await Promise.all(running.map((one) => one.process.stop()))
    }
  }
  const inOrder = contestants.filter(({ name }) => measured.has(name))
  const results = Object.fromEntries(inOrder.map(({ name }) => [name, summary(measured.get(name))]))
  return { rounds, seconds, contestants: results, skipped }
}

async function startAll(contestants, measured, skipped) {
  const running = []
  for (const { name, load, start } of contestants) {
    let process = null
    try {
      process = await start()
      await probe(process.port, load)
      if (!measured.has(name)) measured.set(name, { rounds: [], memory: null })
      running.push({ name, load, process, measured: measured.get(name) })
    } catch (error) {
      await process?.stop()
      skipped[name] = error.message
      warn(`${name} is left out: ${error.message}`)
    }
  }
  return running
}

async function measure({ process: { pid, port }, load }, seconds) {
  const before = cpuUs(pid)
  const result = await wrk(port, load, seconds)
  const used = cpuUs(pid) - before
  if (result.requests === 0) throw new Error('answered no request')
  return {
    rps: result.requests / result.seconds,
    cpuUs: used / result.requests,
    busy: used / (result.seconds * 1e6),
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    errors: result.errors
  }
}

function summary({ rounds, memory: { rss, peak } }) {
  return { ...columns(rounds), rssMiB: Math.round(rss), peakMiB: Math.round(peak) }
}

// The same numbers every time (Park and Miller's generator), so that a run can be repeated.
function randomFrom(seed) {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

function shuffled(list, random) {
  const left = [...list]
  return list.map(() => left.splice(Math.floor(random() * left.length), 1)[0])
}

function line({ rps, cpuUs, p99Ms, errors }) {
  const text = `${Math.round(rps)} req/s  ${cpuUs.toFixed(1)} µs CPU  p99 ${p99Ms.toFixed(2)} ms`
  return errors === 0 ? text : `${text}  ${errors} ERRORS`
}
