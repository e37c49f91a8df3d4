import { hostname } from 'node:os'

/** Where the primary says what happens to its workers. */
export interface PrimaryLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/** Lines of JSON in the form of the gateway's own log. `level` is the lowest that is written. */
export function jsonLog(destination: { write(text: string): unknown }, level = 'info'): PrimaryLog {
  const least = LEVELS.indexOf(level)
  const at =
    (name: string) =>
    (fields: object, msg: string): void => {
      if (LEVELS.indexOf(name) < least) return
      const timestamp = new Date().toISOString()
      destination.write(
        `${JSON.stringify({ level: name, timestamp, pid: process.pid, hostname: hostname(), ...fields, msg })}\n`
      )
    }
  return { info: at('info'), warn: at('warn'), error: at('error') }
}
