import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '../replace-file.js'
import type { KeptVersion } from './kept-version.js'

/** The name of the list. */
export const LIST = 'versions.jsonl'

/** The versions of a list: one in each line. What is no version, such as a line that a crash has cut, is left out. */
export function parseVersions(text: string): readonly KeptVersion[] {
  return text.split('\n').flatMap((line) => versionIn(line) ?? [])
}

function versionIn(line: string): KeptVersion | null {
  try {
    const version = JSON.parse(line) as Partial<KeptVersion> | null
    const isVersion =
      Number.isInteger(version?.revision) &&
      typeof version?.at === 'string' &&
      (version.id === null || /^[\da-f]{16}$/.test(version.id ?? ''))
    return isVersion ? (version as KeptVersion) : null
  } catch {
    return null
  }
}

/** Appends a version. When twice as many are there as are kept, the list is written anew. Gives those that it has then. */
export async function appendVersion(
  folder: string,
  before: readonly KeptVersion[],
  version: KeptVersion,
  most: number
): Promise<readonly KeptVersion[]> {
  const path = join(folder, LIST)
  const all = [...before, version]
  if (all.length >= most * 2) {
    const kept = all.slice(-most)
    await replaceFile(path, kept.map((one) => `${JSON.stringify(one)}\n`).join(''))
    return kept
  }
  // The line before may have been cut by a crash.
  await appendFile(path, `\n${JSON.stringify(version)}\n`, { mode: 0o600 })
  return all
}
