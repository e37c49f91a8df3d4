import type { Socket } from 'node:net'

/** Beyond this, copying costs more than it saves. */
const MOST_BYTES = 16 * 1024

interface Piece {
  readonly chunk: string | Buffer
  readonly encoding: BufferEncoding | 'buffer'
}

/**
 * Makes a client's socket send all writes of one turn, such as a head and a small body, as one buffer. Node would
 * hand the kernel a list, for which it first makes room for every string at its largest.
 */
export function joinWrites(socket: Socket): void {
  const { _writev: writeAll } = socket
  socket._writev = function writeJoined(pieces, done) {
    const joined = join(pieces)
    if (joined === null) writeAll?.call(this, pieces, done)
    else this._write(joined, 'buffer' as BufferEncoding, done)
  }
}

function join(pieces: readonly Piece[]): Buffer | null {
  let bytes = 0
  for (const { chunk, encoding } of pieces) {
    if (typeof chunk === 'string' && encoding !== 'latin1' && chunk !== '') return null
    bytes += chunk.length
  }
  if (bytes > MOST_BYTES) return null
  const all = Buffer.allocUnsafe(bytes)
  let at = 0
  for (const { chunk } of pieces) {
    if (typeof chunk === 'string') at += all.write(chunk, at, 'latin1')
    else {
      all.set(chunk, at)
      at += chunk.length
    }
  }
  return all
}
