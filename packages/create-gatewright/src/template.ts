import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Manifest, mergeManifests } from './manifest.js'
import type { PackageManagerName } from './package-manager.js'
import type { PresetName } from './presets.js'

/** A file to be written: its path in the project, with `/`, and its text. */
export interface ProjectFile {
  readonly path: string
  readonly text: string
}

/** What a template is filled with. */
export interface TemplateValues {
  readonly preset: PresetName
  /** The `name` in `package.json`. */
  readonly name: string
  readonly packageManager: PackageManagerName
  /** The version of Gatewright. */
  readonly version: string
}

const TEMPLATES = new URL('../templates/', import.meta.url)
/** Stands for the project's name in all files of templates. */
const NAME = 'my-gateway'

/** The files of a project, in the order of their paths. */
export function projectFiles(values: TemplateValues): ProjectFile[] {
  const files = new Map([...filesOf('shared'), ...filesOf(values.preset)])
  const manifest = mergeManifests(manifestOf('shared'), manifestOf(values.preset), values)
  files.set('package.json', `${JSON.stringify(manifest, null, 2)}\n`)
  return [...files]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([path, text]) => ({ path, text: text.replaceAll(NAME, values.name) }))
}

/** npm leaves files such as `.gitignore` out of a package: in templates they begin with `_`. */
function* filesOf(folder: string): Generator<[path: string, text: string]> {
  const at = fileURLToPath(new URL(`${folder}/`, TEMPLATES))
  for (const entry of readdirSync(at, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = `${entry.parentPath}/${entry.name}`
      .slice(at.length)
      .replaceAll('\\', '/')
      .replace(/^\/+/, '')
    // A checkout on Windows may have CRLF, which a shebang or a Dockerfile on Linux does not bear.
    const text = readFileSync(at + path, 'utf8').replaceAll('\r\n', '\n')
    yield [path.replace(/(^|\/)_/g, '$1.'), text]
  }
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(new URL(`${folder}/package.json`, TEMPLATES), 'utf8'))
}
