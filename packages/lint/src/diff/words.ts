/** Longest text of a value. */
const LONGEST = 80

/** A value in a sentence. */
export function inWords(value: unknown): string {
  if (value === undefined) return 'none'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text
}
