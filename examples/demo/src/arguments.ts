import { parseArgs } from 'node:util'

/** What the command line asks for. */
export interface DemoArguments {
  /** The user's own upstreams; empty for the demo's. */
  readonly upstreams: readonly string[]
  readonly port: number
  readonly host: string
  /** Begin the tour at once. */
  readonly tour: boolean
  readonly help: boolean
}

/** The command line is wrong; the message is one line for the user. */
export class UsageError extends Error {}

/** The help text. */
export const USAGE = `npm start                                     three demo upstreams, gateway on port 8080
npm start -- --tour                           the same, and break them at once instead of on Enter
npm start -- --upstream http://host:port …    front your own
npm start -- --port 9000 --host 0.0.0.0       listen elsewhere`

/** Reads the command line. Throws {@link UsageError}. */
export function readArguments(args: readonly string[]): DemoArguments {
  const { upstream = [], port = '8080', host = '127.0.0.1', tour = false, help = false } = parse(args)
  const number = Number(port)
  if (!/^\d+$/.test(port) || number > 65_535)
    throw new UsageError(`--port ${port}: must be a number from 0 to 65535`)
  for (const url of upstream) {
    const parsed = URL.canParse(url) ? new URL(url) : undefined
    if (parsed === undefined || !/^https?:$/.test(parsed.protocol))
      throw new UsageError(`--upstream ${url}: must be a URL such as http://localhost:3000`)
  }
  if (tour && upstream.length > 0)
    throw new UsageError("--tour breaks the demo's own upstreams: leave out --upstream")
  return { upstreams: upstream, port: number, host, tour, help }
}

function parse(args: readonly string[]): {
  upstream?: string[]
  port?: string
  host?: string
  tour?: boolean
  help?: boolean
} {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        upstream: { type: 'string', multiple: true, short: 'u' },
        port: { type: 'string', short: 'p' },
        host: { type: 'string' },
        tour: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' }
      }
    })
    return values
  } catch (error) {
    const [first = 'unknown option'] = (error as Error).message.split('. ')
    throw new UsageError(`${first} (known: --upstream, --port, --host, --tour, --help)`)
  }
}
