import { probe } from '../load/probe.mjs'
import { wrk } from '../load/wrk.mjs'
import { cpuUs, memoryMiB } from '../machine/usage.mjs'
import { say, warn } from '../progress.mjs'
import { columns } from './columns.mjs'

/**
 * Measures contestants in alternating rounds. All of them stay alive, idle but for their
 * turn; the order moves on by one each round, so that nobody always follows the same neighbour.
 *
 * A contestant is `{ name, load, start }`, where `start()` gives a listening process. One that does not start,
 * answers wrongly or dies is reported and left out; the others go on.
 * Returns `{ rounds, seconds, contestants: { [name]: { rounds, median, rssMiB, peakMiB } }, skipped: { [name]: why } }`.
 */
export async function compare(contestants, { rounds, seconds, warmUpSeconds }) {
  const skipped = {}
  const running = await startAll(contestants, skipped)
  const leaveOut = async (one, error) => {
    skipped[one.name] = error.message
    warn(`${one.name} is left out: ${error.message}`)
    running.splice(running.indexOf(one), 1)
    await one.process.stop()
  }
  try {
    for (const one of [...running]) {
      say(`warm-up  ${one.name}`)
      await wrk(one.process.port, one.load, warmUpSeconds).catch((error) => leaveOut(one, error))
    }
    for (let round = 0; round < rounds; round++) {
      for (const one of rotated(running, round)) {
        try {
          const measured = await measure(one, seconds)
          one.measured.push(measured)
          say(`${round + 1}/${rounds}  ${one.name}  ${line(measured)}`)
        } catch (error) {
          await leaveOut(one, error)
        }
      }
    }
    const measured = Object.fromEntries(running.map((one) => [one.name, summary(one)]))
    return { rounds, seconds, contestants: measured, skipped }
  } finally {
    await Promise.all(running.map((one) => one.process.stop()))
  }
}

async function startAll(contestants, skipped) {
  const running = []
  for (const { name, load, start } of contestants) {
    let process = null
    try {
      process = await start()
      await probe(process.port, load)
      running.push({ name, load, process, measured: [] })
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

function summary({ process, measured }) {
  const { rss, peak } = memoryMiB(process.pid)
  return { ...columns(measured), rssMiB: Math.round(rss), peakMiB: Math.round(peak) }
}

function rotated(list, by) {
  const first = by % Math.max(list.length, 1)
  return [...list.slice(first), ...list.slice(0, first)]
}

function line({ rps, cpuUs, p99Ms, errors }) {
  const text = `${Math.round(rps)} req/s  ${cpuUs.toFixed(1)} µs CPU  p99 ${p99Ms.toFixed(2)} ms`
  return errors === 0 ? text : `${text}  ${errors} ERRORS`
}
