import { printable } from '@gatewright/core'

const LONGEST = 2_048
const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * Text as a JSON string, without control characters and of 2,048 characters at most. Nearly all text needs no escape, and
 * looking is much cheaper than `JSON.stringify`.
 */
export function quoted(text: string): string {
  if (text.length > LONGEST) return JSON.stringify(printable(text, LONGEST))
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH)
      return JSON.stringify(printable(text, LONGEST))
  }
  return `"${text}"`
}

const FRACTIONS = Array.from({ length: 1_000 }, (_, count) => String(count / 1_000).slice(1))

/** A number as JSON, rounded to three places; below zero it is zero. Faster than `String` of a fraction. */
export function thousandths(value: number): string {
  const rounded = Math.round(Math.max(0, value) * 1_000)
  const whole = Math.floor(rounded / 1_000)
  return whole + (FRACTIONS[rounded - whole * 1_000] as string)
}
