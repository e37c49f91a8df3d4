import { readFile } from 'node:fs/promises'

/**
 * Calls `changed` with the text of a file, whenever it is another one than before: looks every second, since what becomes of a file
 * when an editor saves it, or Kubernetes swaps the link to it, differs. It keeps no process alive.
 */
export function watchText(path: string, first: string, changed: (text: string) => Promise<void>): void {
  let known = first
  let busy = false
  setInterval(async () => {
    if (busy) return
    busy = true
    try {
      const text = await readFile(path, 'utf8')
      if (text === known) return
      known = text
      await changed(text)
    } catch {
      // It is not there for the moment.
    } finally {
      busy = false
    }
  }, 1_000).unref()
}
