import { installPrograms } from './install/debian.mjs'
import { installPeers } from './install/peers.mjs'
import { findBinary } from './machine/binaries.mjs'
import { machineFacts } from './machine/facts.mjs'
import { headline, say, warn } from './progress.mjs'
import { readResults, writeResults } from './report/results.mjs'

/** Runs the chosen cases one after another; the results of each are written as soon as it ends. */
export async function bench(options) {
  headline('What is compared')
  installPrograms()
  installPeers()
  if (findBinary('wrk') === null) warn('wrk is missing: only start and stream-1g can be measured')

  const machine = machineFacts()
  say(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}`)
  say(machine.pinning)
  const candidates = options.candidates.filter(isThere)

  const results = await readResults(options.output)
  results.machine = machine
  for (const { name, title, run } of options.cases) {
    headline(`${name}: ${title}`)
    try {
      const entry = await run({ ...options, candidates })
      const date = new Date().toISOString()
      results.cases[name] = { title, date, quick: options.quick, ...entry }
      await writeResults(options.output, results)
    } catch (error) {
      warn(`${name} is skipped: ${error.message}`)
    }
  }
  headline(`Results: ${options.output}`)
}

function isThere({ name, missing }) {
  const why = missing()
  if (why !== null) warn(`${name} is skipped: ${why}`)
  return why === null
}
