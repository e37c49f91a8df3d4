import { parseArgs } from 'node:util'
import { didYouMean } from '@gatewright/core'
import { type Command, type CommandOption, type Input, type Terminal, UsageError } from './command.js'

/** What every command has. */
export const HELP: CommandOption = { name: 'help', short: 'h', about: 'Show this help.' }

/** Reads the arguments of a command. Throws a {@link UsageError} that says what is wrong with them. */
export function readArguments(command: Command, argv: readonly string[], terminal: Terminal): Input {
  const options = [...command.options, HELP]
  const { values, positionals, tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(options.map(asParsed)),
    allowPositionals: true,
    strict: false,
    tokens: true
  })
  for (const token of tokens) if (token.kind === 'option') checkOption(token, options)
  const isHelp = values.help === true
  if (!isHelp) checkCount(command, positionals)
  const texts = (name: string): readonly string[] =>
    [values[name] ?? []].flat().filter((value) => typeof value === 'string')
  return {
    arguments: positionals,
    terminal,
    texts,
    text: (name) => texts(name).at(-1),
    flag: (name) => values[name] === true,
    integer(name, least, most) {
      const text = texts(name).at(-1)
      if (text === undefined) return undefined
      const number = Number(text)
      if (/^\d+$/.test(text) && number >= least && number <= most) return number
      throw new UsageError(`--${name}: '${text}' must be a whole number, ${least} to ${most}`)
    }
  }
}

function asParsed({ name, short, value, many = false }: CommandOption) {
  const type = value === undefined ? ('boolean' as const) : ('string' as const)
  return [
    name,
    { type, multiple: many || type === 'string', ...(short === undefined ? {} : { short }) }
  ] as const
}

interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value?: string | undefined
}

function checkOption({ name, rawName, value }: OptionToken, options: readonly CommandOption[]): void {
  const option = options.find((known) => known.name === name)
  if (option === undefined) {
    const names = options.map((known) => `--${known.name}`)
    throw new UsageError(`there is no option ${rawName}${didYouMean(rawName, names)}`)
  }
  if (option.value !== undefined && value === undefined)
    throw new UsageError(`${rawName} needs a value: ${rawName} ${option.value}`)
  if (option.value === undefined && value !== undefined) throw new UsageError(`${rawName} takes no value`)
}

function checkCount({ name, usage, takes: [least, most] }: Command, given: readonly string[]): void {
  const form = `gatewright ${name} ${usage}`
  if (given.length < least) throw new UsageError(`an argument is missing: ${form}`)
  if (given.length > most) throw new UsageError(`'${given[most]}' is one argument too many: ${form}`)
}
