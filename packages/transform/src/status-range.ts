/** A range of statuses, both ends included. */
export type StatusRange = readonly [from: number, to: number]

const WORDS: ReadonlyMap<string, StatusRange> = new Map([
  ['always', [200, 599]],
  ['success', [200, 399]],
  ['error', [400, 599]]
])

/** The range that `'404'`, `404`, `'5xx'`, `'400-499'`, `'always'`, `'success'` or `'error'` stands for; `null` for none. */
export function statusRange(given: string | number): StatusRange | null {
  const text = String(given)
  const word = WORDS.get(text)
  if (word !== undefined) return word
  const hundreds = /^([2-5])xx$/.exec(text)?.[1]
  if (hundreds !== undefined) return [Number(hundreds) * 100, Number(hundreds) * 100 + 99]
  const [, from, to = from] = /^(\d{3})(?:-(\d{3}))?$/.exec(text) ?? []
  if (from === undefined || to === undefined) return null
  return Number(from) < 200 || Number(to) > 599 || Number(from) > Number(to)
    ? null
    : [Number(from), Number(to)]
}

/** What a configured range must be, for problems. */
export const STATUS_RULE = "must be a status from 200 to 599, or a range such as '5xx' or '400-499'"
