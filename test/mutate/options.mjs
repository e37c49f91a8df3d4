import { parseArgs } from 'node:util'

/** What `npm run mutate -- --help` prints. */
export const HELP = `npm run mutate -- [package ...] [options]

  package        only these, by folder name (default: all)
  --count N      mutants of each package (default 40)
  --seed N       which ones (default 1)
  --only TEXT    only in files whose path contains this
  --tests TEXTS  of the tests of the whole gateway only those whose path contains one of these, with commas between
`

const FLAGS = {
  count: { type: 'string' },
  seed: { type: 'string' },
  only: { type: 'string', default: '' },
  tests: { type: 'string', default: '' },
  help: { type: 'boolean', default: false }
}

/** Reads the command line. Throws an Error whose message is one clear line. */
export function readOptions(args, packages) {
  const { values, positionals } = parseArgs({ args, options: FLAGS, strict: true, allowPositionals: true })
  const unknown = positionals.filter((name) => !packages.includes(name))
  if (unknown.length > 0) throw new Error(`no package '${unknown[0]}'; there is ${packages.join(', ')}`)
  return {
    help: values.help,
    packages: positionals.length > 0 ? positionals : packages,
    count: integer('count', values.count, 40),
    seed: integer('seed', values.seed, 1),
    only: values.only,
    tests: values.tests.split(',')
  }
}

function integer(flag, text, otherwise) {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${flag} must be a positive integer`)
  return value
}
