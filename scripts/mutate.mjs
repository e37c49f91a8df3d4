// npm run mutate: changes compiled decision code in seeded places and tells which changes no test notices.
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { HELP, readOptions } from '../test/mutate/options.mjs'
import { setupOrExit } from './setup.mjs'

const packages = readdirSync(fileURLToPath(new URL('../packages', import.meta.url))).sort()

const options = optionsOrExit()
await setupOrExit()
// Not there before set-up has installed its parser.
const { mutate } = await import('../test/mutate/mutate.mjs')
process.exitCode = (await mutate(options)).length === 0 ? 0 : 1

function optionsOrExit() {
  try {
    const read = readOptions(process.argv.slice(2), packages)
    if (!read.help) return read
    process.stdout.write(HELP)
    process.exit(0)
  } catch (error) {
    process.stderr.write(`mutate: ${error.message}\n`)
    process.exit(2)
  }
}
