import type { Values } from './head-values.js'
import type { Invalid, Part } from './invalid.js'
import { escaped } from './subschemas.js'

// Zeros in front are read alike by nearly everybody.
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/**
 * Texts that were read as numbers and that no JSON could hold: `Infinity`, which no `maximum` stops, and `0x10` or ` 7`, which
 * other readers take for something else. `read` are the values as the schema has read them, `sent` gives them as they came.
 */
export function misreadNumbers(part: Part, read: Values, sent: () => Values, most: number): Invalid[] {
  const numbers = Object.keys(read).filter((name) => [read[name]].flat().some(isNumber))
  if (numbers.length === 0) return []
  const texts = sent()
  return numbers
    .filter((name) => !isWritten([read[name]].flat(), [texts[name]].flat()))
    .slice(0, most)
    .map((name) => ({ in: part, pointer: `/${escaped(name)}`, detail: 'must be a number as JSON writes it' }))
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

function isWritten(read: readonly unknown[], sent: readonly unknown[]): boolean {
  return read.every(
    (value, index) => !isNumber(value) || (Number.isFinite(value) && NUMBER.test(String(sent[index])))
  )
}
