import { readFileSync } from 'node:fs'
import { type Arguments, readArguments } from './arguments.js'
import { create } from './create.js'
import { helpText } from './help.js'
import { makePlan } from './plan.js'
import { Refusal, type Terminal } from './terminal.js'

/**
 * The command: `create-gatewright my-gateway --preset minimal --yes`. Resolves with the exit code: 0, 1 when something
 * failed, 2 when it was called in a wrong way, 130 after Ctrl-C.
 *
 * @example
 * process.exitCode = await main(process.argv.slice(2))
 */
export async function main(args: readonly string[], terminal: Partial<Terminal> = {}): Promise<number> {
  const { stdin, stdout, stderr, env } = process
  const here: Terminal = { stdin, stdout, stderr, env, cwd: process.cwd(), ...terminal }
  try {
    const read = readArguments(args, here.env)
    return await run(read, here)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    here.stderr.write(`create-gatewright: ${error.message}\n`)
    return error.exitCode
  }
}

async function run(read: Arguments, terminal: Terminal): Promise<number> {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  if (read.help || read.version) {
    terminal.stdout.write(read.help ? helpText() : `${version}\n`)
    return 0
  }
  return create(await makePlan(read, terminal), terminal, version)
}
