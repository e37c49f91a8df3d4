import { posix } from 'node:path'
import type { MigrationSource } from '../migration.js'

/** The version of http-proxy-middleware that the nearest package.json says. */
export function majorOf({ file, read }: MigrationSource): number | undefined {
  let folder = posix.dirname(file)
  for (let depth = 0; depth < 4; depth++) {
    const text = read(posix.join(folder, 'package.json'))
    const range =
      text === undefined ? undefined : /"http-proxy-middleware"\s*:\s*"[^"\d]*(\d+)/.exec(text)?.[1]
    if (range !== undefined) return Number(range)
    folder = posix.join(folder, '..')
  }
  return undefined
}
