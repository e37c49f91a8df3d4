import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { InvalidValueError } from '@gatewright/core'
import { replaceFile } from '../replace-file.js'
import type { Restored, VersionContent } from './kept-version.js'

const DATA = ['.yaml', '.yml', '.json']

/**
 * Writes the files of a version as they were, and removes those that its folders did not have. `begin` is called before, once it is
 * known that it can be done. Throws where there are such files, and they are not to be removed.
 */
export async function restore(
  { files, folders }: VersionContent,
  isRemoving: boolean,
  begin: () => Promise<void>
): Promise<Restored> {
  const removed: string[] = []
  for (const [folder, names] of Object.entries(folders))
    for (const name of await dataFilesIn(folder)) if (!names.includes(name)) removed.push(join(folder, name))
  if (removed.length > 0 && !isRemoving)
    throw new InvalidValueError('remove', `true: there was no ${removed.join(' and no ')} then`)
  const written: string[] = []
  for (const [path, text] of Object.entries(files)) if ((await textOf(path)) !== text) written.push(path)
  await begin()
  for (const path of written) {
    await mkdir(dirname(path), { recursive: true })
    await replaceFile(path, files[path] ?? '')
  }
  for (const path of removed) await rm(path)
  return { written, removed }
}

async function dataFilesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.filter((name) => !name.startsWith('.') && DATA.includes(extname(name).toLowerCase()))
}

async function textOf(path: string): Promise<string | null> {
  return await readFile(path, 'utf8').catch(() => null)
}
