import { type DemoArguments, readArguments, USAGE, UsageError } from './arguments.js'
import { createDemo } from './gateway.js'
import { type ScreenRow, screen } from './screen.js'
import { Tour } from './tour.js'
import { startUpstreams } from './upstreams.js'

/** Runs the demo. Resolves with an exit code when there is nothing more to do, else when it listens. */
async function run(args: readonly string[]): Promise<number | undefined> {
  let asked: DemoArguments
  try {
    asked = readArguments(args)
  } catch (error) {
    if (error instanceof UsageError) return complain(error.message)
    throw error
  }
  if (asked.help) {
    process.stdout.write(`${USAGE}\n`)
    return 0
  }

  const own = asked.upstreams.length > 0 ? [] : await startUpstreams()
  let tour: Tour | null = null
  const gateway = createDemo(own, asked.upstreams, () => tour?.start() === true)
  try {
    await gateway.listen({ port: asked.port, host: asked.host })
  } catch (error) {
    for (const upstream of own) upstream.kill()
    return complain(startError(error as NodeJS.ErrnoException, asked))
  }

  const rows: ScreenRow[] =
    own.length > 0
      ? own.map(({ name, url, delayMs, weight }) => ({
          name,
          url,
          note: `weight ${weight}, answers in ${delayMs} ms`
        }))
      : asked.upstreams.map((url, index) => ({ name: `upstream ${index + 1}`, url, note: 'yours' }))
  const { port } = gateway.app.server.address() as { port: number }
  const host = asked.host === '127.0.0.1' || asked.host === '0.0.0.0' ? 'localhost' : asked.host
  const url = `http://${host}:${port}`
  const colour = process.stdout.isTTY === true
  process.stdout.write(screen({ url, rows, colour, tour: own.length > 0 }))
  process.once('SIGINT', () => process.stdout.write('\n  draining …\n'))
  // Without a terminal nobody reads along.
  if (own.length > 0) tour = new Tour({ gateway, url, own, pauseMs: colour ? 2_500 : 0, colour })
  if (asked.tour) tour?.start()
  return undefined
}

function startError({ code, message }: NodeJS.ErrnoException, { port, host }: DemoArguments): string {
  if (code === 'EADDRINUSE') return `port ${port} is taken: choose another with --port`
  if (code === 'EACCES') return `port ${port} needs more rights: choose one above 1023 with --port`
  if (code === 'ENOTFOUND' || code === 'EADDRNOTAVAIL')
    return `--host ${host}: this machine has no such address`
  return message
}

function complain(message: string): number {
  process.stderr.write(`gatewright: ${message}\n`)
  return 2
}

const exitCode = await run(process.argv.slice(2))
if (exitCode !== undefined) process.exitCode = exitCode
