import { relative } from 'node:path'
import type { Arguments } from './arguments.js'
import { install } from './install.js'
import { detectPackageManager } from './package-manager.js'
import { PRESETS } from './presets.js'
import { inTheWay, resolveTarget } from './target.js'
import { projectFiles } from './template.js'
import { Refusal, type Terminal } from './terminal.js'
import { writeProject } from './write-project.js'

/** Makes the project, and tells how to go on. Resolves with the exit code. */
export async function create(read: Arguments, terminal: Terminal, version: string): Promise<number> {
  const { folder, name } = resolveTarget(read.target ?? 'my-gateway', read.name, terminal.cwd)
  const preset = read.preset ?? PRESETS[0].name
  const packageManager = read.packageManager ?? detectPackageManager(terminal.env.npm_config_user_agent)
  const others = inTheWay(folder)
  if (others.length > 0 && !read.force)
    throw new Refusal(
      `${folder} is not empty: ${others.slice(0, 5).join(', ')}${others.length > 5 ? ', …' : ''}`
    )
  writeProject(folder, projectFiles({ preset, name, packageManager, version }))
  const say = (text: string): unknown => terminal.stdout.write(`${text}\n`)
  say(`Made ${name} from the preset ${preset} in ${folder}`)
  const installed = read.install !== false && (await install(folder, packageManager, terminal))
  const way = relative(terminal.cwd, folder)
  say('\nNext:')
  if (way !== '') say(`  cd ${way}`)
  if (!installed) say(`  ${packageManager} install`)
  say(`  ${packageManager} test`)
  say(`  ${packageManager} start`)
  return read.install !== false && !installed ? 1 : 0
}
