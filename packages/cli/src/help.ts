import { HELP } from './arguments.js'
import type { Command, CommandOption } from './command.js'
import { columns, wrapped } from './layout.js'

const EXITS: Readonly<Record<number, string>> = {
  0: 'done',
  2: 'not done: the command line is wrong, or something is missing or taken'
}

/** The help of the program: what commands there are. */
export function programHelp(commands: readonly Command[]): string {
  const rows = commands.map(({ name, summary }) => [`  ${name}`, summary])
  return [
    'gatewright: an API gateway and reverse proxy',
    '',
    'Usage: gatewright COMMAND [ARGUMENTS]',
    '',
    'Commands:',
    columns(rows),
    '',
    '`gatewright COMMAND --help` has the options, examples and exit codes of each.',
    ''
  ].join('\n')
}

/** The help of a command, at most 80 columns wide. */
export function commandHelp(command: Command): string {
  const { name, usage, summary, about, examples, options } = command
  const exits = Object.entries({ ...EXITS, ...command.exits })
  return [
    `Usage: gatewright ${name} ${usage}`.trimEnd(),
    '',
    ...[`${summary}.`, ...about].flatMap((paragraph) => [wrapped(paragraph), '']),
    'Options:',
    columns([...options, HELP].map((option) => [`  ${flagsOf(option)}`, option.about])),
    '',
    ...(examples.length === 0 ? [] : ['Examples:', ...examples.map((example) => `  ${example}`), '']),
    'Exit codes:',
    columns(exits.map(([code, meaning]) => [`  ${code}`, meaning])),
    ''
  ].join('\n')
}

/** How an option is written: `-p, --port PORT`. */
export function flagsOf({ name, short, value }: CommandOption): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`
}
