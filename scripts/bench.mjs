// npm run bench: measures the gateway beside other proxies and writes docs/benchmarks.
import { bench } from '../test/bench/bench.mjs'
import { HELP, readOptions } from '../test/bench/options.mjs'
import { optionsOrExit } from './options-or-exit.mjs'
import { setupOrExit } from './setup.mjs'

const options = optionsOrExit('bench', HELP, readOptions)
await setupOrExit()
await bench(options)
