import { parseArgs } from 'node:util'
import { PACKAGE_MANAGERS, type PackageManagerName } from './package-manager.js'
import { isPreset, PRESETS, type PresetName } from './presets.js'
import { Refusal } from './terminal.js'

/** What the command was called with. */
export interface Arguments {
  /** The folder to be made, as it was written; `null` when none was named. */
  readonly target: string | null
  readonly preset: PresetName | null
  /** The `name` in `package.json`; `null`: that of the folder. */
  readonly name: string | null
  readonly packageManager: PackageManagerName | null
  /** `null`: ask, or install when nobody can be asked. */
  readonly install: boolean | null
  readonly yes: boolean
  readonly force: boolean
  readonly help: boolean
  readonly version: boolean
}

const OPTIONS = {
  preset: { type: 'string', short: 'p' },
  name: { type: 'string' },
  'package-manager': { type: 'string' },
  install: { type: 'boolean' },
  'no-install': { type: 'boolean' },
  yes: { type: 'boolean', short: 'y' },
  force: { type: 'boolean', short: 'f' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' }
} as const

/** Environment variables. */
type Env = Readonly<Record<string, string | undefined>>

/** Reads the command line. Throws a {@link Refusal} that says what is wrong and what would be right. */
export function readArguments(args: readonly string[], env: Env = {}): Arguments {
  const { values, positionals } = parsed(args)
  for (const option of ['preset', 'package-manager'] as const)
    if (values[option] === undefined && env[`npm_config_${option.replace('-', '_')}`] !== undefined)
      throw new Refusal(
        `npm has taken --${option} for itself: put -- before the options, as in npm create gatewright@latest my-gateway -- --${option} …`,
        2
      )
  if (positionals.length > 1)
    throw new Refusal(`one folder is expected, not ${positionals.length}: ${positionals.join(' ')}`, 2)
  const { preset = null, name = null, 'package-manager': packageManager = null } = values
  if (preset !== null && !isPreset(preset))
    throw new Refusal(`--preset ${preset}: there are ${PRESETS.map((one) => one.name).join(', ')}`, 2)
  if (packageManager !== null && !isOneOf(PACKAGE_MANAGERS, packageManager))
    throw new Refusal(`--package-manager ${packageManager}: there are ${PACKAGE_MANAGERS.join(', ')}`, 2)
  if (values.install && values['no-install'])
    throw new Refusal('--install and --no-install are given both', 2)
  return {
    target: positionals[0] ?? null,
    preset,
    name,
    packageManager,
    install: values.install ? true : values['no-install'] ? false : null,
    yes: values.yes ?? false,
    force: values.force ?? false,
    help: values.help ?? false,
    version: values.version ?? false
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    // Node's message goes on with advice for arguments that begin with a hyphen.
    const [first = ''] = (error as Error).message.split('. ')
    throw new Refusal(`${first.replace(/\.$/, '')}; --help lists the options`, 2)
  }
}

function isOneOf<T extends string>(all: readonly T[], name: string): name is T {
  return (all as readonly string[]).includes(name)
}
