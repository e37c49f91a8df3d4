import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ProjectFile } from './template.js'
import { Refusal } from './terminal.js'

/** Writes the files of a project. Throws a {@link Refusal} that names the file and the cause. */
export function writeProject(folder: string, files: readonly ProjectFile[]): void {
  for (const { path, text } of files) {
    const file = join(folder, path)
    try {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text, { flag: 'wx' })
    } catch (error) {
      throw new Refusal(`${file} cannot be written: ${(error as Error).message}`)
    }
  }
}
