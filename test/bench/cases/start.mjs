import { join } from 'node:path'
import { candidates, GATEWRIGHT } from '../candidates.mjs'
import { run } from '../machine/children.mjs'
import { proxyCore } from '../machine/cores.mjs'
import { columns } from '../measure/columns.mjs'
import { here } from '../paths.mjs'
import { say } from '../progress.mjs'

const BARE = 'fastify-reply-from'
const RUNS = 15
const QUICK_RUNS = 5

/** Cold starts in fresh processes, from `import` to listening, beside a bare Fastify app with reply-from. */
export const start = {
  name: 'start',
  title: 'Cold start: from import to listening in a fresh process',
  async run({ quick }) {
    const runs = quick ? QUICK_RUNS : RUNS
    const measured = { [GATEWRIGHT]: [], [BARE]: [] }
    const pair = candidates.filter(({ name }) => name in measured)
    for (const { missing } of pair) {
      const why = missing()
      if (why !== null) throw new Error(why)
    }
    // The first of each only brings its files into the page cache.
    for (const { script } of pair) await startOnce(script)
    for (let round = 0; round < runs; round++)
      for (const { name, script } of pair) measured[name].push(await startOnce(script))
    const contestants = Object.fromEntries(pair.map(({ name }) => [name, columns(measured[name])]))
    for (const [name, { median }] of Object.entries(contestants))
      say(`${name}  ${median.importMs} ms  ${median.rssMiB} MiB`)
    return { kind: 'start', runs, ratioTo: BARE, contestants }
  }
}

async function startOnce(script) {
  const env = { PORT: '0', UPSTREAMS: 'http://127.0.0.1:1,http://127.0.0.1:2' }
  const printed = await run([process.execPath, join(here, 'measure/time-start.mjs'), script], {
    core: proxyCore,
    env
  })
  return JSON.parse(printed.trim().split('\n').at(-1))
}
