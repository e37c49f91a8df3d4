import type { Terminal } from './command.js'

/**
 * Heeds what goes wrong with the output: where its reader has left, as `head` does, nobody wants the rest; where it cannot be
 * written, such as on a full disk, that is said once, and the exit code is 2 where it would be less.
 */
export function watchOutput({ stdout, stderr, failed }: Terminal): void {
  let isTold = false
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || isTold) return
    isTold = true
    failed()
    stderr.write(`gatewright: the output could not be written: ${error.message}\n`)
  })
  stderr.on('error', () => {})
}
