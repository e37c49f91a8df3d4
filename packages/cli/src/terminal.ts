import type { Terminal } from './command.js'

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdout, stderr, stdin, env } = process
  return {
    stdout,
    stderr,
    stdin: stdin.isTTY ? stdin : null,
    env,
    cwd: process.cwd(),
    interactive: stdout.isTTY === true,
    onSignal(signal, listener) {
      process.on(signal, listener)
      return () => process.off(signal, listener)
    }
  }
}
