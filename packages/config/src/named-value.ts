import { decodeText } from './decode-text.js'
import { placeIn, type ReadRecord } from './read-record.js'
import type { FileContent } from './references.js'
import { LARGEST_VALUE, readRegularFile } from './regular-file.js'

/** The content of a file that `${file:…}` names, or why there is none. */
export async function valueIn(path: string, deadlineMs: number): Promise<FileContent> {
  try {
    return { text: decodeText(await readRegularFile(path, LARGEST_VALUE, deadlineMs)) }
  } catch (error) {
    return { problem: (error as Error).message }
  }
}

/** What it was when the record was made. */
export function valueAt(replay: ReadRecord, path: string): FileContent {
  const place = placeIn(replay, path)
  return 'names' in place ? { problem: 'is no regular file' } : place
}
