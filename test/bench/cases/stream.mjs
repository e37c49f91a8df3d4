import { join } from 'node:path'
import { candidates, startCandidate, startGateway } from '../candidates.mjs'
import { run } from '../machine/children.mjs'
import { loadCore } from '../machine/cores.mjs'
import { memoryMiB } from '../machine/usage.mjs'
import { here } from '../paths.mjs'
import { say, warn } from '../progress.mjs'
import { startNodeUpstream, withUpstreams } from '../upstream/upstreams.mjs'

const MiB = 1024 ** 2
const startUpstream = () => startNodeUpstream({ count: 2 })
const dispatch = candidates.find(({ name }) => name === 'undici-dispatch')

const STARTERS = {
  gatewright: (urls) => startGateway(urls, 'no body limit'),
  'undici-dispatch': (urls) => startCandidate(dispatch, urls)
}

/** Memory of the proxy while one large body streams each way. */
export const stream = {
  name: 'stream-1g',
  title: 'Memory while 1 GiB streams each way',
  run: ({ quick }) =>
    withUpstreams([startUpstream], async (urls) => {
      const bytes = quick ? 256 * MiB : 1024 * MiB
      const contestants = {}
      const skipped = {}
      for (const [name, starter] of Object.entries(STARTERS)) {
        try {
          contestants[name] = await streamBothWays(name, () => starter(urls), bytes)
        } catch (error) {
          skipped[name] = error.message
          warn(`${name} is left out: ${error.message}`)
        }
      }
      return { kind: 'stream', bytes, contestants, skipped }
    })
}

async function streamBothWays(name, starter, bytes) {
  const proxy = await starter()
  const measured = {}
  try {
    for (const direction of ['download', 'upload']) {
      // What a first body leaves behind (buffers, compiled code) is not growth.
      await transfer(proxy.port, direction, 64 * MiB)
      measured[direction] = await watched(proxy, () => transfer(proxy.port, direction, bytes))
      const { startMiB, peakMiB, mibPerSecond } = measured[direction]
      say(`${name}  ${direction}  ${mibPerSecond} MiB/s  RSS ${startMiB} → at most ${peakMiB} MiB`)
    }
    return measured
  } finally {
    await proxy.stop()
  }
}

async function transfer(port, direction, bytes) {
  const script = join(here, 'load/stream-client.mjs')
  const argv = [process.execPath, script, String(port), direction, String(bytes)]
  const { seconds } = JSON.parse(await run(argv, { core: loadCore }))
  return bytes / MiB / seconds
}

/** Samples a process's memory, every 20 ms, while `work` runs. */
async function watched({ pid, isAlive }, work) {
  const startMiB = memoryMiB(pid).rss
  let peakMiB = startMiB
  const timer = setInterval(() => {
    if (isAlive()) peakMiB = Math.max(peakMiB, memoryMiB(pid).rss)
  }, 20)
  try {
    const mibPerSecond = await work()
    return {
      startMiB: Math.round(startMiB),
      peakMiB: Math.round(peakMiB),
      mibPerSecond: Math.round(mibPerSecond)
    }
  } finally {
    clearInterval(timer)
  }
}
