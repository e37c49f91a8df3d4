import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Manifest, mergeManifests } from './manifest.js'
import { commandsFor, type PackageManager } from './package-manager.js'
import type { PresetName } from './presets.js'

/** A file of a project: its path in it, with `/`, and its text. */
export interface ProjectFile {
  readonly path: string
  readonly text: string
}

/** What a template is filled with. */
export interface TemplateValues {
  readonly preset: PresetName
  /** The `name` in `package.json`. */
  readonly name: string
  readonly packageManager: PackageManager
  /** The version of Gatewright. */
  readonly version: string
}

const TEMPLATES = new URL('../templates/', import.meta.url)
/** Stands for the project's name in all files of templates. */
const NAME = 'my-gateway'

/** The files of a project but for its `package.json`, in the order of their paths. */
export function projectFiles({ preset, name, packageManager }: TemplateValues): ProjectFile[] {
  const files = new Map([
    ...filesOf('shared'),
    ...filesOf(packageManager.name),
    ...filesOf(preset),
    // Yarn takes a folder without one for a part of the project around it.
    ...(packageManager.name === 'yarn' ? [['yarn.lock', ''] as const] : [])
  ])
  files.delete('package.json')
  return [...files]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([path, text]) => ({ path, text: commandsFor(packageManager.name, text).replaceAll(NAME, name) }))
}

/** The `package.json` of a project. */
export function projectManifest(values: TemplateValues): Manifest {
  return mergeManifests(manifestOf('shared'), manifestOf(values.preset), values)
}

/** npm leaves files such as `.gitignore` out of a package: in templates they begin with `_`. */
function* filesOf(folder: string): Generator<readonly [path: string, text: string]> {
  const at = fileURLToPath(new URL(`${folder}/`, TEMPLATES))
  for (const entry of readdirSync(at, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = `${entry.parentPath}/${entry.name}`
    // A checkout on Windows may have CRLF, which a Dockerfile on Linux does not bear.
    const text = readFileSync(file, 'utf8').replaceAll('\r\n', '\n')
    const path = file.slice(at.length).replaceAll('\\', '/').replace(/^\/+/, '')
    yield [path.replace(/(^|\/)_/g, '$1.'), text]
  }
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(new URL(`${folder}/package.json`, TEMPLATES), 'utf8'))
}
