import { ConfigFileError } from '@gatewright/config'
import { didYouMean } from '@gatewright/core'
import { HELP, readArguments } from './arguments.js'
import { type Terminal, UsageError } from './command.js'
import { COMMANDS } from './commands.js'
import { failureText } from './failures.js'
import { commandHelp, programHelp } from './help.js'
import { watchOutput } from './output.js'

/**
 * Runs the command line `argv` (without Node and the script) and gives the exit code: 0 done; 2 wrong command line, or
 * what it needs is missing or taken; others by the command.
 */
export async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  const [first = '', ...others] = argv
  watchOutput(terminal)
  if (first === '' || isHelp(first)) return help(terminal, others[0] ?? '')
  const name = first === '--version' || first === '-v' ? 'version' : first
  const command = COMMANDS.find((known) => known.name === name)
  if (command === undefined) return unknown(terminal, name)
  try {
    const input = readArguments(command, others, terminal)
    if (input.flag(HELP.name)) return show(terminal, commandHelp(command))
    return await command.run(input)
  } catch (error) {
    if (error instanceof UsageError) return fail(terminal, error.message, `gatewright ${name} --help`)
    if (error instanceof ConfigFileError) terminal.stderr.write(`${error.message}\n`)
    else terminal.stderr.write(`gatewright: ${failureText(error)}\n`)
    return 2
  }
}

function help(terminal: Terminal, name: string): number {
  if (name === '') return show(terminal, programHelp(COMMANDS))
  const command = COMMANDS.find((known) => known.name === name)
  return command === undefined ? unknown(terminal, name) : show(terminal, commandHelp(command))
}

function unknown(terminal: Terminal, name: string): number {
  const hint = didYouMean(
    name,
    COMMANDS.map((known) => known.name)
  )
  return fail(terminal, `there is no command '${name}'${hint}`, 'gatewright help')
}

function isHelp(word: string): boolean {
  return word === 'help' || word === '--help' || word === '-h'
}

function show({ stdout }: Terminal, text: string): number {
  stdout.write(text)
  return 0
}

function fail({ stderr }: Terminal, message: string, help: string): number {
  stderr.write(`gatewright: ${message}\nSee: ${help}\n`)
  return 2
}
