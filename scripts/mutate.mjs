// npm run mutate: changes compiled decision code in seeded places and tells which changes no test notices.
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { HELP, readOptions } from '../test/mutate/options.mjs'
import { optionsOrExit } from './options-or-exit.mjs'
import { setupOrExit } from './setup.mjs'

const packages = readdirSync(fileURLToPath(new URL('../packages', import.meta.url))).sort()

const options = optionsOrExit('mutate', HELP, (args) => readOptions(args, packages))
await setupOrExit()
// Not there before set-up has installed its parser.
const { mutate } = await import('../test/mutate/mutate.mjs')
process.exitCode = (await mutate(options)).length === 0 ? 0 : 1
