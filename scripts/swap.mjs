// npm run swap: changes the configuration under traffic, and tells whether every request had one of them.
import { HELP, readOptions } from '../test/swap/options.mjs'
import { swap } from '../test/swap/swap.mjs'
import { optionsOrExit } from './options-or-exit.mjs'
import { setupOrExit } from './setup.mjs'

const options = optionsOrExit('swap', HELP, readOptions)
await setupOrExit()
const say = (text) => process.stdout.write(`${text}\n`)
const { seen, problems } = await swap({ ...options, say })
const { seconds, ok, left, versions, warm, after, kept } = seen
const { applied, refused, dryRuns, thrown } = after
const mib = (value) => `${value.toFixed(1)} MiB`
say(`${ok} responses of one version each, ${left} clients that left, in ${seconds.toFixed(1)} s`)
say(`${applied} changes; besides, ${refused} were wrong, ${dryRuns} dry runs, ${thrown} refused by a part`)
say(`${versions} versions seen; heap ${mib(warm.heapMiB)} after a tenth, ${mib(after.heapMiB)} at the end`)
say(
  `kept: breaker ${kept.breaker}, draining ${kept.draining}, ejection ${kept.ejected}, limit ${kept.limited}`
)
for (const problem of problems) say(`✗ ${problem}`)
process.exitCode = problems.length === 0 ? 0 : 1
