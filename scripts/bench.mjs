// npm run bench: measures the gateway beside other proxies and writes docs/benchmarks.
import { bench } from '../test/bench/bench.mjs'
import { HELP, readOptions } from '../test/bench/options.mjs'
import { setupOrExit } from './setup.mjs'

const options = optionsOrExit()
await setupOrExit()
await bench(options)

function optionsOrExit() {
  try {
    const read = readOptions(process.argv.slice(2))
    if (!read.help) return read
    process.stdout.write(HELP)
    process.exit(0)
  } catch (error) {
    process.stderr.write(`bench: ${error.message}\n`)
    process.exit(2)
  }
}
