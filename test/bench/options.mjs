import { parseArgs } from 'node:util'
import { candidates } from './candidates.mjs'
import { cases } from './cases.mjs'
import { results } from './paths.mjs'

/** What `npm run bench -- --help` prints. */
export const HELP = `npm run bench -- [options]

  --case a,b         only these cases; the others keep their earlier results
                     (${cases.map(({ name }) => name).join(', ')})
  --candidates a,b   only these proxies
                     (${candidates.map(({ name }) => name).join(', ')})
  --rounds N         rounds per case, 1 to 1000 (default 9, with --quick 3)
  --seconds S        length of one measurement, 1 to 600 (default 2, with --quick 1)
  --quick            short rounds: a look, not a measurement
  --output DIR       where results.json, results.md and chart.svg go (default docs/benchmarks)
`

const FLAGS = {
  case: { type: 'string' },
  candidates: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  quick: { type: 'boolean', default: false },
  output: { type: 'string', default: results },
  help: { type: 'boolean', default: false }
}

/** Reads the command line. Throws an Error whose message is one clear line. */
export function readOptions(args) {
  const { values } = parseArgs({ args, options: FLAGS, strict: true, allowPositionals: false })
  const { quick } = values
  return {
    help: values.help,
    quick,
    output: values.output,
    cases: choose('case', values.case, cases),
    candidates: choose('candidates', values.candidates, candidates),
    rounds: number('rounds', values.rounds, quick ? 3 : 9, 1_000),
    seconds: number('seconds', values.seconds, quick ? 1 : 2, 600),
    warmUpSeconds: quick ? 1 : 3
  }
}

function choose(flag, text, all) {
  if (text === undefined) return all
  const names = text.split(',').map((name) => name.trim())
  const unknown = names.filter((name) => !all.some((one) => one.name === name))
  if (unknown.length > 0)
    throw new Error(
      `--${flag}: no '${unknown.join("', '")}'; there is ${all.map((one) => one.name).join(', ')}`
    )
  return all.filter(({ name }) => names.includes(name))
}

function number(flag, text, otherwise, most) {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new Error(`--${flag} must be an integer from 1 to ${most}`)
  return value
}
