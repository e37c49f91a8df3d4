import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { UsageError } from './command.js'

/** The folder of a history that is there. Throws a {@link UsageError}. */
export function existingFolder(folder: string, cwd: string): string {
  if (existsSync(resolve(cwd, folder, 'versions.jsonl'))) return folder
  throw new UsageError(`${folder} is no history: \`gatewright run --history FOLDER\` makes one`)
}

/** The number of a version. Throws a {@link UsageError}. */
export function revisionIn(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new UsageError(`'${text}' is no version: \`gatewright history FOLDER\` lists them`)
}
