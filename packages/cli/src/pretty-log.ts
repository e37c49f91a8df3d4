import type { Writable } from 'node:stream'

const FIELDS = new Set(['level', 'timestamp', 'time', 'pid', 'hostname', 'msg'])

/** Where pino may write its lines, for people to read: the time, the level, the message, and what else there is. */
export function prettyLog(destination: Writable): { write(line: string): void } {
  return {
    write(line) {
      destination.write(prettyText(line))
    }
  }
}

/** One line of pino, for people; as it is, if it is none. */
function prettyText(line: string): string {
  const parsed = fieldsOf(line)
  if (parsed === null) return line
  const { level, timestamp, msg } = parsed
  const time = typeof timestamp === 'string' ? timestamp.slice(11, 19) : ''
  const error = (parsed.err as { message?: unknown } | undefined)?.message
  const others = Object.entries(parsed)
    .filter(([key]) => !FIELDS.has(key) && key !== 'err')
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return `${[time, String(level), msg, error, ...others].filter((part) => part !== undefined && part !== '').join('  ')}\n`
}

function fieldsOf(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
