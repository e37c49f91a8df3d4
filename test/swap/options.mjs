import { parseArgs } from 'node:util'

/** What `npm run swap -- --help` prints. */
export const HELP = `npm run swap -- [options]

  --requests N   how many, 1000 to 100000000 (default 200000)
  --every N      milliseconds from one change to the next, 10 to 10000 (default 50)
  --clients N    connections that are kept, 1 to 500 (default 24)
`

const FLAGS = {
  requests: { type: 'string' },
  every: { type: 'string' },
  clients: { type: 'string' },
  help: { type: 'boolean', default: false }
}

/** Reads the command line. Throws an Error whose message is one clear line. */
export function readOptions(args) {
  const { values } = parseArgs({ args, options: FLAGS, strict: true, allowPositionals: false })
  return {
    help: values.help,
    requests: integer('requests', values.requests, 200_000, 1_000, 1e8),
    everyMs: integer('every', values.every, 50, 10, 10_000),
    clients: integer('clients', values.clients, 24, 1, 500)
  }
}

function integer(flag, text, otherwise, least, most) {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (!Number.isInteger(value) || value < least || value > most)
    throw new Error(`--${flag} must be an integer from ${least} to ${most}`)
  return value
}
