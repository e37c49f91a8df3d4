import { relative } from 'node:path'
import { install } from './install.js'
import { nextSteps } from './next-steps.js'
import type { Plan } from './plan.js'
import { projectFiles, projectManifest } from './template.js'
import { Refusal, type Terminal } from './terminal.js'
import { workspaceAround } from './workspace-around.js'
import { writeProject } from './write-project.js'

/** Makes a project, and tells how to go on. Resolves with the exit code: 1 when the installation failed, 130 after Ctrl-C in it. */
export async function create(plan: Plan, terminal: Terminal, version: string): Promise<number> {
  const { folder, name, preset, packageManager } = plan
  const say = (text: string): unknown => terminal.stdout.write(`${text}\n`)
  const values = { preset, name, packageManager, version }
  const manifest = projectManifest(values)
  // npm installs nothing of a package's own name into it.
  if (name in { ...manifest.dependencies, ...manifest.devDependencies })
    throw new Refusal(`'${name}' is what the project depends on: give it another name with --name`, 2)
  const { kept, completed } = writeProject(folder, projectFiles(values), manifest)
  say(`Made ${name} from the preset ${preset} in ${folder}`)
  if (kept.length > 0) say(`Left as they were: ${kept.join(', ')}`)
  if (completed) say('package.json got the scripts and dependencies that it did not have')
  const around = workspaceAround(folder)
  if (around !== null)
    say(`It lies within the workspace of ${around}: unless that lists it, add it there or move it out`)
  const outcome = plan.install ? await install(folder, packageManager.name, terminal) : 'none'
  if (outcome === 'failed')
    say(`\nThe files are there, but '${packageManager.name} install' failed. Once it works:`)
  say(nextSteps(relative(terminal.cwd, folder), packageManager.name, outcome === 'done'))
  return { none: 0, done: 0, failed: 1, interrupted: 130 }[outcome]
}
