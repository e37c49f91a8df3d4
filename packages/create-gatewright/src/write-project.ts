import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { completeManifest, type Manifest } from './manifest.js'
import type { ProjectFile } from './template.js'
import { Refusal } from './terminal.js'

/** What was done to a folder. */
export interface Written {
  /** Files of the template that were there already, and stayed as they were. */
  readonly kept: readonly string[]
  /** Whether there was a `package.json`, which got what it did not have. */
  readonly completed: boolean
}

/**
 * Writes a project. No file that is there is changed but `package.json`, which gets what it does not have. When a file
 * cannot be written, those that were are removed, and a {@link Refusal} names it and the cause.
 */
export function writeProject(folder: string, files: readonly ProjectFile[], manifest: Manifest): Written {
  const undo: (() => void)[] = []
  const kept: string[] = []
  let at = folder
  try {
    const own = ownManifest(join(folder, 'package.json'))
    if (own !== null && own.manifest.type !== 'module')
      throw new Refusal(
        `${join(folder, 'package.json')} is for CommonJS: the template needs "type": "module" in it`
      )
    const complete = own === null ? manifest : completeManifest(own.manifest, manifest)
    for (const { path, text } of files) {
      at = dirname(join(folder, path))
      makeFolder(at, undo)
      at = join(folder, path)
      if (writeNew(at, text)) undo.push(() => rmSync(join(folder, path)))
      else kept.push(path)
    }
    at = join(folder, 'package.json')
    writeFileSync(at, `${JSON.stringify(complete, null, own?.indent ?? 2)}\n`)
    return { kept, completed: own !== null }
  } catch (error) {
    for (const step of undo.reverse()) attempt(step)
    if (error instanceof Refusal) throw error
    throw new Refusal(`${at} cannot be written: ${(error as Error).message}`)
  }
}

/** Whether the file was not there before. A link that leads nowhere is there. */
function writeNew(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  }
}

function makeFolder(folder: string, undo: (() => void)[]): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder), undo)
  mkdirSync(folder)
  undo.push(() => rmdirSync(folder))
}

function ownManifest(file: string): { readonly manifest: Manifest; readonly indent: string } | null {
  if (!existsSync(file)) return null
  const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
  try {
    return { manifest: JSON.parse(text), indent: /^\s*\{\s*?\n([ \t]+)/.exec(text)?.[1] ?? '  ' }
  } catch (error) {
    throw new Refusal(`${file} is no JSON: ${(error as Error).message}`)
  }
}

function attempt(step: () => void): void {
  try {
    step()
  } catch {
    // What cannot be removed stays; the cause that is told is the first one.
  }
}
