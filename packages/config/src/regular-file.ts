import { constants } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { shownMs, within } from './within.js'

/** The bytes of a configuration, whether from a file or from elsewhere. */
export const LARGEST_CONFIG: number = 16 * 1024 * 1024
/** The bytes of a file that `${file:…}` names. */
export const LARGEST_VALUE: number = 1024 * 1024

/** How often a file is read again that is written meanwhile. */
const MOST_TRIES = 5
const CHUNK = 64 * 1024

/** A file that was not read. The message goes on after its path: `is no regular file`. */
export class UnreadableFile extends Error {
  /** Of the system: `ENOENT`; `null` for another cause. */
  readonly code: string | null

  constructor(did: string, code: string | null = null) {
    super(did)
    this.code = code
  }
}

/**
 * The content of a regular file of at most `most` bytes. Pipes and devices are refused and not opened: reading them might
 * never end. A file that is written while it is read is read again. Rejects with an {@link UnreadableFile}.
 */
export async function readRegularFile(path: string, most: number, deadlineMs: number): Promise<Buffer> {
  const late = (): Error => new UnreadableFile(`could not be read within ${shownMs(deadlineMs)}`)
  try {
    return await within(readSettled(path, most), deadlineMs, late)
  } catch (error) {
    if (error instanceof UnreadableFile) throw error
    const { code = String(error) } = error as NodeJS.ErrnoException
    throw new UnreadableFile(`cannot be read: ${code}`, code)
  }
}

async function readSettled(path: string, most: number): Promise<Buffer> {
  for (let tries = 1; ; tries++) {
    const content = await readOnce(path, most)
    if (content !== null) return content
    if (tries === MOST_TRIES) throw new UnreadableFile('is being written all the time')
  }
}

// `null` when it was written meanwhile.
async function readOnce(path: string, most: number): Promise<Buffer | null> {
  refuseOther(await stat(path, { bigint: true }), most)
  // Not to wait for the other end, should it have become a pipe since then. Windows has no such flag.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const before = await handle.stat({ bigint: true })
    refuseOther(before, most)
    const content = await readAll(handle, most)
    const after = await handle.stat({ bigint: true })
    return before.mtimeNs === after.mtimeNs && before.size === after.size ? content : null
  } finally {
    await handle.close()
  }
}

function refuseOther(found: { isFile(): boolean; isDirectory(): boolean; size: bigint }, most: number): void {
  if (found.isDirectory()) throw new UnreadableFile('cannot be read: EISDIR', 'EISDIR')
  if (!found.isFile()) throw new UnreadableFile('is no regular file')
  if (found.size > most) throw tooLarge(most)
}

// By what there is, not by the size: that of files such as those of /proc is 0.
async function readAll(handle: FileHandle, most: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for (;;) {
    const { bytesRead, buffer } = await handle.read({ buffer: Buffer.allocUnsafe(CHUNK), position: size })
    if (bytesRead === 0) return Buffer.concat(chunks, size)
    chunks.push(buffer.subarray(0, bytesRead))
    size += bytesRead
    if (size > most) throw tooLarge(most)
  }
}

function tooLarge(most: number): Error {
  return new UnreadableFile(`is larger than ${most / 1024 / 1024} MiB`)
}
