/** A sample of an exposition in the text format of OpenMetrics or Prometheus. */
export interface SampleLine {
  /** Name and labels, as they stand there: what the same series has in all workers. */
  readonly key: string
  readonly value: number
  /** What stands behind the value: an exemplar; `''` for none. */
  readonly exemplar: string
}

/** Reads a line that is neither empty nor a comment; `null` for one that is no sample. */
export function sampleOf(line: string): SampleLine | null {
  const end = endOfKey(line)
  if (end === -1) return null
  const mark = line.indexOf(' # {', end)
  const text = mark === -1 ? line.slice(end + 1) : line.slice(end + 1, mark)
  const value = numberOf(text.trim())
  if (value === null) return null
  return { key: line.slice(0, end), value, exemplar: mark === -1 ? '' : line.slice(mark) }
}

/** A series with one more label, the first. */
export function withLabel(key: string, label: string): string {
  const open = key.indexOf('{')
  return open === -1 ? `${key}{${label}}` : `${key.slice(0, open + 1)}${label},${key.slice(open + 1)}`
}

/** A value as both formats write it. */
export function valueText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return String(value)
  return value > 0 ? '+Inf' : '-Inf'
}

// The space behind the name, or behind the labels, whose values may hold anything.
function endOfKey(line: string): number {
  const open = line.indexOf('{')
  const space = line.indexOf(' ')
  if (open === -1 || (space !== -1 && space < open)) return space
  let isQuoted = false
  for (let at = open + 1; at < line.length; at++) {
    const code = line.charCodeAt(at)
    if (code === BACKSLASH) at++
    else if (code === QUOTE) isQuoted = !isQuoted
    else if (code === CLOSE && !isQuoted) return line.charCodeAt(at + 1) === SPACE ? at + 1 : -1
  }
  return -1
}

const BACKSLASH = 0x5c
const QUOTE = 0x22
const CLOSE = 0x7d
const SPACE = 0x20

function numberOf(text: string): number | null {
  const [number = ''] = text.split(' ', 1)
  if (number === '+Inf') return Number.POSITIVE_INFINITY
  if (number === '-Inf') return Number.NEGATIVE_INFINITY
  if (/^nan$/i.test(number)) return Number.NaN
  return number === '' || Number.isNaN(Number(number)) ? null : Number(number)
}
