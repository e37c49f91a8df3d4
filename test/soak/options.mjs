import { parseArgs } from 'node:util'
import { results } from '../bench/paths.mjs'

/** What `npm run soak -- --help` prints. */
export const HELP = `npm run soak -- [options]

  --minutes N    how long, 1 to 100000 (default 10; a day is 1440)
  --rate N       requests that begin in a second, 1 to 5000 (default 150)
  --seed N       of the traffic and the faults (default: another one each time)
  --output DIR   where soak.md, soak.json and soak.svg go (default docs/benchmarks)
`

const FLAGS = {
  minutes: { type: 'string' },
  rate: { type: 'string' },
  seed: { type: 'string' },
  output: { type: 'string', default: results },
  help: { type: 'boolean', default: false }
}

/** Reads the command line. Throws an Error whose message is one clear line. */
export function readOptions(args) {
  const { values } = parseArgs({ args, options: FLAGS, strict: true, allowPositionals: false })
  return {
    help: values.help,
    output: values.output,
    minutes: integer('minutes', values.minutes, 10, 100_000),
    rate: integer('rate', values.rate, 150, 5_000),
    seed: integer('seed', values.seed, 1 + Math.floor(Math.random() * 1e6), 1e9)
  }
}

function integer(flag, text, otherwise, most) {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new Error(`--${flag} must be an integer from 1 to ${most}`)
  return value
}
