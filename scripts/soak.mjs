// npm run soak: mixed traffic with faults through a gateway with everything on; writes docs/benchmarks/soak.*.
import { HELP, readOptions } from '../test/soak/options.mjs'
import { soak } from '../test/soak/soak.mjs'
import { setupOrExit } from './setup.mjs'

const options = optionsOrExit()
await setupOrExit()
process.exitCode = (await soak(options)) ? 0 : 1

function optionsOrExit() {
  try {
    const read = readOptions(process.argv.slice(2))
    if (!read.help) return read
    process.stdout.write(HELP)
    process.exit(0)
  } catch (error) {
    process.stderr.write(`soak: ${error.message}\n`)
    process.exit(2)
  }
}
