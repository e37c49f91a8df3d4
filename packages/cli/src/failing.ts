import { didYouMean } from '@gatewright/core'
import type { Risk } from '@gatewright/lint'
import { type CommandOption, type Input, UsageError } from './command.js'

/** `--fail-on` of commands that tell risks. */
export const FAIL_ON_RISKS: CommandOption = {
  name: 'fail-on',
  value: 'RISK',
  many: true,
  about:
    'Exit with 1 for a change of this risk; several times for several. any: for every change; risky: for those by which more gets in or out, which are auth-removed, auth-weakened, tls-weakened, exposure-widened, match-widened and limit-loosened. Default: for none.'
}

/** The risks that a command line fails on; `any` for every change. Throws a {@link UsageError}. */
export function failingRisks(
  input: Input,
  { all, risky }: { readonly all: readonly Risk[]; readonly risky: readonly Risk[] }
): readonly Risk[] | 'any' {
  const given = input.texts(FAIL_ON_RISKS.name).flatMap((text) => text.split(','))
  const known = ['any', 'risky', ...all]
  for (const name of given)
    if (!known.includes(name))
      throw new UsageError(`--fail-on: there is no risk '${name}'${didYouMean(name, known)}`)
  if (given.includes('any')) return 'any'
  return given.flatMap((name) => (name === 'risky' ? risky : [name as Risk]))
}

/** The value of an option that has certain ones. Throws a {@link UsageError}. */
export function choice<const T extends string>(
  input: Input,
  name: string,
  known: readonly T[]
): T | undefined {
  const text = input.text(name)
  if (text === undefined || (known as readonly string[]).includes(text)) return text as T | undefined
  throw new UsageError(`--${name}: there is no '${text}'${didYouMean(text, known)}`)
}

/** How results are written: `--format`, or `--json`. Throws a {@link UsageError}. */
export function formatOf<const T extends string>(
  input: Input,
  known: readonly (T | 'text' | 'json')[]
): T | 'text' | 'json' {
  const format = choice(input, 'format', known)
  if (input.flag('json') && format !== undefined && format !== 'json')
    throw new UsageError(`--json and --format ${format}: one of them`)
  return input.flag('json') ? 'json' : (format ?? 'text')
}
