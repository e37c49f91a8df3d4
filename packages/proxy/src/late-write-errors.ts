import type { Socket } from 'node:net'

type Done = (error?: Error | null) => void

/**
 * Makes a socket report a write that failed only after one more round of reading: an upstream that answers while it
 * is still sent a body, and closes, resets the connection with its response in it (RFC 9112, section 9.6). That answer
 * is worth more than the error.
 */
export function readBeforeWritesFail(socket: Socket): void {
  const { _write: write, _writev: writeAll } = socket
  socket._write = (chunk, encoding, done) => write.call(socket, chunk, encoding, late(done))
  if (writeAll) socket._writev = (chunks, done) => writeAll.call(socket, chunks, late(done))
}

function late(done: Done): Done {
  return (error) => {
    if (!error) done()
    // The first turn may begin behind the reading of this one.
    else setImmediate(() => setImmediate(done, error))
  }
}
