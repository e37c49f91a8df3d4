import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { start, temporaryFolder } from '../bench/machine/children.mjs'
import { machineFacts } from '../bench/machine/facts.mjs'
import { freePort, listening } from '../bench/machine/ports.mjs'
import { Upstreams } from './faults.mjs'
import { writeReport } from './report.mjs'
import { Traffic } from './traffic.mjs'
import { verdicts } from './verdicts.mjs'

const script = fileURLToPath(new URL('./gateway.mjs', import.meta.url))
const SAMPLES = 360
const MOST_MS_TO_END = 60_000

/**
 * Runs mixed traffic with faults through a gateway with everything on, and writes how it kept.
 * Resolves to whether it kept: no wrong answer, nothing that grows, everything given back at the end, exit code 0.
 */
export async function soak({ minutes, rate, seed, output, faultEveryMs = 20_000, restMs = 45_000 }) {
  const folder = await temporaryFolder('soak')
  const [port, sidePort, ...ports] = await freePorts(5)
  const upstreams = new Upstreams({ ports, seed, folder })
  await upstreams.start()
  const gateway = await launchGateway({ port, sidePort, upstreams, folder })
  const traffic = new Traffic({ port, seed })
  const intervalMs = Math.max(1_000, (minutes * 60_000) / SAMPLES)
  const begun = performance.now()
  const endsAt = begun + minutes * 60_000
  const samples = []
  say(`${minutes} minutes at ${rate} requests/s, seed ${seed}; a sample every ${intervalMs / 1_000} s`)

  const faults = repeat(faultEveryMs, endsAt, () => upstreams.fault())
  const sampling = repeat(intervalMs, endsAt, async () => {
    const sample = await takeSample({ gateway, sidePort, traffic, begun })
    samples.push(sample)
    say(line(sample))
  })
  try {
    await arrivals(traffic, rate, endsAt, gateway)
    await Promise.all([faults, sampling])
    const rest = await settle({ gateway, sidePort, traffic, begun, restMs })
    process.kill(gateway.pid, 'SIGTERM')
    const exitCode = await gateway.ended
    const run = { minutes, rate, seed, machine: machineFacts(), samples, rest, exitCode }
    const judged = verdicts(run)
    await writeReport(output, run, judged)
    for (const { kept, text } of judged) say(`${kept ? '✓' : '✗'} ${text}`)
    return judged.every(({ kept }) => kept)
  } finally {
    traffic.close()
    await Promise.all([gateway.stop(), upstreams.stop()])
  }
}

async function launchGateway({ port, sidePort, upstreams, folder }) {
  const env = {
    PORT: String(port),
    SIDE_PORT: String(sidePort),
    UPSTREAMS: upstreams.urls.join(','),
    FOLDER: folder
  }
  const gateway = start([process.execPath, script], { core: null, env })
  await listening(sidePort, gateway)
  return gateway
}

/** Begins requests at random moments, `rate` a second on average, until `endsAt`. */
async function arrivals(traffic, rate, endsAt, gateway) {
  let due = performance.now()
  while (performance.now() < endsAt) {
    if (!gateway.isAlive()) throw new Error(`the gateway ended: ${gateway.complaint()}`)
    due += (-Math.log(1 - Math.random()) * 1_000) / rate
    const wait = due - performance.now()
    if (wait > 1) await sleep(wait)
    traffic.begin()
  }
}

/** Waits until the last requests have ended, and a rest longer than what is kept for reuse; then takes what is left. */
async function settle(parts) {
  const deadline = performance.now() + MOST_MS_TO_END
  while (parts.traffic.running > 0 && performance.now() < deadline) await sleep(100)
  await sleep(parts.restMs)
  parts.traffic.close()
  await sleep(2_000)
  return takeSample(parts)
}

async function takeSample({ gateway, sidePort, traffic, begun }) {
  const told = await (await fetch(`http://127.0.0.1:${sidePort}/`)).json()
  return {
    second: (performance.now() - begun) / 1_000,
    ...told,
    files: readdirSync(`/proc/${gateway.pid}/fd`).length,
    running: traffic.running,
    ...traffic.take()
  }
}

/** Calls again and again until `endsAt`, never two at a time. */
async function repeat(everyMs, endsAt, work) {
  for (let next = performance.now() + everyMs; next < endsAt + 10; next += everyMs) {
    await sleep(Math.max(0, next - performance.now()))
    await work()
  }
}

async function freePorts(count) {
  const ports = []
  while (ports.length < count) {
    const port = await freePort()
    if (!ports.includes(port)) ports.push(port)
  }
  return ports
}

function line(sample) {
  const fixed = (value) => value.toFixed(1)
  return `${String(Math.round(sample.second)).padStart(6)} s  ${fixed(sample.rssMiB)} MiB, heap ${fixed(sample.heapMiB)}, ${sample.files} files, loop p99 ${fixed(sample.delayP99Ms)} ms`
}

function say(text) {
  process.stdout.write(`${text}\n`)
}
