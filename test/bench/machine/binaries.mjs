import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

// Daemons live in sbin, which is not on everyone's PATH.
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin']

/** The path of an installed program, or `null`. */
export function findBinary(name) {
  for (const folder of FOLDERS) {
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {}
  }
  return null
}
