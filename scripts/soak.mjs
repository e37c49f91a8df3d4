// npm run soak: mixed traffic with faults through a gateway with everything on; writes docs/benchmarks/soak.*.
import { HELP, readOptions } from '../test/soak/options.mjs'
import { soak } from '../test/soak/soak.mjs'
import { optionsOrExit } from './options-or-exit.mjs'
import { setupOrExit } from './setup.mjs'

const options = optionsOrExit('soak', HELP, readOptions)
await setupOrExit()
process.exitCode = (await soak(options)) ? 0 : 1
