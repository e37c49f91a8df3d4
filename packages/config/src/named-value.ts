import { decodeText } from './decode-text.js'
import { placeIn, type ReadRecord } from './read-record.js'
import type { FileContent } from './references.js'
import { LARGEST_VALUE, readRegularFile } from './regular-file.js'

/** The content of a file that `${file:…}` names, or why there is none: as it is, or as it was when `replay` was made. */
export async function valueIn(
  path: string,
  deadlineMs: number,
  replay: ReadRecord | null
): Promise<FileContent> {
  const place = replay === null ? null : placeIn(replay, path)
  if (place !== null) return 'names' in place ? { problem: 'is no regular file' } : place
  try {
    return { text: decodeText(await readRegularFile(path, LARGEST_VALUE, deadlineMs)) }
  } catch (error) {
    return { problem: (error as Error).message }
  }
}
