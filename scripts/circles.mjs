// Circles of imports within a package: files of one could only be read, moved and tested together.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const packages = fileURLToPath(new URL('../packages/', import.meta.url))
const IMPORT = /^(?:(?:import|export)\s(?:[^'"]*?\sfrom\s+)?|declare module )'(\.[^']+)\.js'/gm

/** The folders of core from the lowest to the highest, and those below that each imports from; types count too. */
const FLOORS = {
  bodies: [],
  regex: [],
  config: [],
  model: ['config'],
  ingress: ['config', 'model'],
  attempts: ['config', 'model'],
  pipeline: ['attempts', 'config', 'model'],
  responses: ['config', 'ingress', 'model'],
  compile: ['config', 'ingress', 'model', 'regex'],
  runtime: ['attempts', 'compile', 'config', 'ingress', 'model', 'pipeline', 'responses']
}

/** A sentence for every import of core that `FLOORS` does not allow. */
export function* checkFloors() {
  const core = `${packages}core/src/`
  for (const file of sourcesIn(core)) {
    const [folder, name] = relative(core, file).split('/')
    if (name === undefined) continue
    for (const imported of importsOf(file)) {
      const [target] = relative(core, imported).split('/')
      if (target !== folder && !FLOORS[folder]?.includes(target))
        yield `${relative(packages, file)}: imports from ${target}, which ${folder} may not`
    }
  }
}

/** A sentence for every circle, types included. */
export function* checkCircles() {
  for (const name of readdirSync(packages)) {
    const files = sourcesIn(`${packages}${name}/src`)
    const graph = new Map(files.map((file) => [file, importsOf(file)]))
    for (const circle of circlesIn(graph))
      yield `${circle.map((file) => relative(packages, file)).join(' → ')}: a circle of imports`
  }
}

function sourcesIn(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => resolve(folder, file))
}

function importsOf(file) {
  const imports = readFileSync(file, 'utf8').matchAll(IMPORT)
  return Array.from(imports, ([, path]) => `${resolve(dirname(file), path)}.ts`)
}

/** Files that reach each other, group by group (Tarjan, 1972). */
function circlesIn(graph) {
  const order = new Map()
  const lowest = new Map()
  const stack = []
  const found = []
  for (const file of graph.keys()) if (!order.has(file)) visit(file)
  return found

  function visit(file) {
    order.set(file, order.size)
    lowest.set(file, order.get(file))
    stack.push(file)
    for (const next of graph.get(file)) {
      if (!graph.has(next)) continue
      if (!order.has(next)) {
        visit(next)
        lowest.set(file, Math.min(lowest.get(file), lowest.get(next)))
      } else if (stack.includes(next)) lowest.set(file, Math.min(lowest.get(file), order.get(next)))
    }
    if (lowest.get(file) !== order.get(file)) return
    const group = stack.splice(stack.indexOf(file))
    if (group.length > 1) found.push(group)
  }
}
