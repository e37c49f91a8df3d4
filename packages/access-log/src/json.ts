import { printable } from '@gatewright/core'
import { type AccessLogLine, type LineSource, READERS } from './line.js'

/** What a field may hold. */
type Value = string | number | null | readonly Value[] | { readonly [name: string]: Value }

const FIELDS = Object.entries(READERS).map(([name, read]) => ({
  before: `,"${name}":`,
  read: read as (source: LineSource) => Value | undefined
}))

/**
 * A line as JSON, with its newline. Written by hand, not by pino's `info(object)`, which takes five times as long: most of
 * what it does per field (serializers, redaction, circles) has nothing to do here. Pino's destination takes it.
 */
export function jsonLine(source: LineSource): string {
  let text = ''
  for (const { before, read } of FIELDS) {
    const value = read(source)
    if (value !== undefined) text += before + encoded(value)
  }
  return `{${text.slice(1)}}\n`
}

/** The same as an object, with its text made printable as in the log. */
export function plainLine(source: LineSource): AccessLogLine {
  return JSON.parse(jsonLine(source)) as AccessLogLine
}

function encoded(value: Value): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number') return String(value)
  if (value === null) return 'null'
  if (Array.isArray(value)) return `[${value.map(encoded).join(',')}]`
  return `{${Object.entries(value)
    .map(([name, inner]) => `${quoted(name)}:${encoded(inner)}`)
    .join(',')}}`
}

const LONGEST = 2_048

// Nearly all text needs no escape, and looking is much cheaper than `JSON.stringify`.
function quoted(text: string): string {
  if (text.length > LONGEST) return JSON.stringify(printable(text, LONGEST))
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH)
      return JSON.stringify(printable(text, LONGEST))
  }
  return `"${text}"`
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
