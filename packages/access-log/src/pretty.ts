import type { AccessLogLine, AttemptLine } from './line.js'

/** One line for people: status, method and path, where it went, how long it took, and why it failed. */
export function prettyLine(line: AccessLogLine, colour: boolean): string {
  const paint = (code: number, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)
  const tone = line.status >= 500 ? 31 : line.status >= 400 ? 33 : line.status >= 300 ? 36 : 32
  const attempts = line.attempts ?? []
  const arrow = paint(2, '→')
  const way =
    attempts.length < 2
      ? (line.endpoint ?? '-')
      : attempts
          .map((attempt, index) => {
            const fate = index === attempts.length - 1 ? '' : fateOf(attempt)
            return fate === '' ? attempt.endpoint : `${attempt.endpoint} ${paint(31, fate)}`
          })
          .join(` ${arrow} `)
  const time = paint(2, `${line.duration_ms.toFixed(1)} ms`)
  return `  ${paint(tone, String(line.status))} ${line.method.padEnd(5)} ${target(line)} ${arrow} ${way} ${time}${why(line, paint)}\n`
}

function fateOf({ failure, status }: AttemptLine): string {
  return failure ?? (status === null ? '' : String(status))
}

function why({ reason, detail }: AccessLogLine, paint: (code: number, text: string) => string): string {
  if (reason === null) return ''
  return ` ${paint(31, reason)}${detail === undefined ? '' : paint(2, `: ${cut(detail, 120)}`)}`
}

// The path of a request that was refused for it is not one; its detail has it.
function target({ path, query, reason, route }: AccessLogLine): string {
  if (reason === 'path_rejected' && route === null) return '-'
  return cut(query == null ? path : `${path}?${query}`, 80)
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}
