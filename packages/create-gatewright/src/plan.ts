import type { Arguments } from './arguments.js'
import { choosePackageManager, type PackageManager } from './package-manager.js'
import { PRESETS, type PresetName } from './presets.js'
import { Questions } from './questions.js'
import { inTheWay, resolveTarget, type Target } from './target.js'
import { Refusal, type Terminal } from './terminal.js'

/** All that has to be known before a file is written. */
export interface Plan extends Target {
  readonly preset: PresetName
  readonly packageManager: PackageManager
  readonly install: boolean
}

/** Takes what was given, and asks for the rest where there is somebody to ask. */
export async function makePlan(read: Arguments, terminal: Terminal): Promise<Plan> {
  const { stdin, stdout, env, cwd } = terminal
  const somebody = stdin.isTTY && stdout.isTTY && /^(?:0|false)?$/i.test(env.CI ?? '')
  const questions = somebody && !read.yes ? new Questions(terminal) : null
  if (read.target === null && questions === null && !read.yes)
    throw new Refusal('there is no terminal to ask in: name the folder, or take my-gateway with --yes', 2)
  const written = read.target ?? (await questions?.text('Which folder?', 'my-gateway')) ?? 'my-gateway'
  const target = resolveTarget(written, read.name, cwd)
  const others = inTheWay(target.folder)
  if (others.length > 0 && !read.force)
    throw new Refusal(
      `${target.folder} is not empty: it has ${listed(others)}. --force writes beside, and changes nothing that is there`
    )
  const packageManager = choosePackageManager(read.packageManager, env.npm_config_user_agent)
  const preset = read.preset ?? (await questions?.preset()) ?? PRESETS[0].name
  const install = read.install ?? (await questions?.yes(`Install with ${packageManager.name}?`)) ?? true
  return { ...target, preset, packageManager, install }
}

function listed(entries: readonly string[]): string {
  const shown = entries.slice(0, 5).join(', ')
  return entries.length > 5 ? `${shown} and ${entries.length - 5} more` : shown
}
