import { LogOutput } from '@gatewright/gateway'
import type { Terminal } from './command.js'

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdout, stderr, stdin, env } = process
  return {
    stdout,
    stderr,
    log: new LogOutput(stdout.fd),
    stdin: stdin.isTTY ? stdin : null,
    env,
    cwd: process.cwd(),
    interactive: stdout.isTTY === true,
    // After the command has given its own.
    failed: () =>
      void process.once('exit', (code) => {
        process.exitCode = Math.max(code, 2)
      }),
    onSignal(signal, listener) {
      process.on(signal, listener)
      return () => process.off(signal, listener)
    }
  }
}
