/** Intervals of UTF-16 code units, both ends included: the characters that one place of a pattern takes. */
export type CharSet = readonly (readonly [number, number])[]

const MAX_CHAR = 0xff_ff

/** Every character. */
export const ANY: CharSet = [[0, MAX_CHAR]]
const DIGIT: CharSet = [[48, 57]]
const WORD: CharSet = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122]
]
const SPACE: CharSet = [
  [9, 13],
  [32, 32],
  [160, 160],
  [0x16_80, 0x16_80],
  [0x20_00, 0x20_0a],
  [0x20_28, 0x20_29],
  [0x20_2f, 0x20_2f],
  [0x20_5f, 0x20_5f],
  [0x30_00, 0x30_00],
  [0xfe_ff, 0xfe_ff]
]
const UPPER: CharSet = [[65, 90]]
const LOWER: CharSet = [[97, 122]]

/** Character sets of letter escapes, inside and outside of classes. */
export const ESCAPES: ReadonlyMap<string, CharSet> = new Map([
  ['d', DIGIT],
  ['D', negate(DIGIT)],
  ['w', WORD],
  ['W', negate(WORD)],
  ['s', SPACE],
  ['S', negate(SPACE)],
  ['t', single(9)],
  ['n', single(10)],
  ['v', single(11)],
  ['f', single(12)],
  ['r', single(13)]
])

/** One character. */
export function single(code: number): CharSet {
  return [[code, code]]
}

/** Whether it is one character. */
export function isSingle(set: CharSet): set is readonly [readonly [number, number]] {
  return set.length === 1 && set[0]?.[0] === set[0]?.[1]
}

function shifted(set: CharSet, by: number): CharSet {
  return set.map(([low, high]) => [low + by, high + by] as const)
}

/** Every character that is not in the set; twice, the set itself in order and without overlaps. */
export function negate(set: CharSet): CharSet {
  const rest: (readonly [number, number])[] = []
  let from = 0
  for (const [low, high] of [...set].sort((a, b) => a[0] - b[0])) {
    if (low > from) rest.push([from, low - 1])
    from = Math.max(from, high + 1)
  }
  if (from <= MAX_CHAR) rest.push([from, MAX_CHAR])
  return rest
}

/** The set and, of each ASCII letter in it, the other case. */
export function withOtherCase(set: CharSet): CharSet {
  const other = [...shifted(intersect(set, UPPER), 32), ...shifted(intersect(set, LOWER), -32)]
  return negate(negate([...set, ...other]))
}

/** The characters that both sets have. */
export function intersect(a: CharSet, b: CharSet): CharSet {
  return a.flatMap(([low, high]) =>
    b.flatMap(([from, to]): CharSet => {
      const start = Math.max(low, from)
      const end = Math.min(high, to)
      return start <= end ? [[start, end]] : []
    })
  )
}
