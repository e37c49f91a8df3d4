import { open, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** The mode of a file that is new. */
const PRIVATE = 0o600

/**
 * Puts a text in the place of what a file says, in one step: whoever reads it finds the one or the other, also after a crash. What
 * a link leads to is replaced, and the link stays; so does the mode. A new file has mode 0600.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const target = await realpath(path).catch(() => path)
  const mode = await stat(target).then(
    (found) => found.mode & 0o777,
    () => PRIVATE
  )
  // Hidden: folders of a configuration leave it out.
  const beside = join(dirname(target), `.${basename(target)}.${process.pid}.new`)
  try {
    const handle = await open(beside, 'w', mode)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(beside, target)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
}
