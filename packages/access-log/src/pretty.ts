import type { AccessLogLine } from './line.js'

/** One line for people: status, method and path, where it went, how long it took, and why it failed. */
export function prettyLine(line: AccessLogLine, colour: boolean): string {
  const paint = (code: number, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)
  const tone = line.status >= 500 ? 31 : line.status >= 400 ? 33 : line.status >= 300 ? 36 : 32
  const why = line.reason === null ? '' : ` ${paint(31, line.reason)}`
  const time = `${line.duration_ms.toFixed(1)} ms`
  return `  ${paint(tone, String(line.status))} ${line.method.padEnd(5)} ${target(line)} ${paint(2, '→')} ${line.endpoint ?? '-'} ${paint(2, time)}${why}\n`
}

function target({ path, query }: AccessLogLine): string {
  const text = query == null ? path : `${path}?${query}`
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
