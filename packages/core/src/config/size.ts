export { SIZE_PATTERN } from './terms.js'

const UNITS: Record<string, number> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

/** A number of bytes: `'512B'`, `'64KiB'`, `'1MiB'`, `'2GiB'`. Always with a unit. */
export type Size = `${number}${'B' | 'KiB' | 'MiB' | 'GiB'}`

const SHAPE = /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB)$/

/** Whole bytes of a size, at least 1 for more than nothing; `undefined` when the text is not one. */
export function sizeBytes(text: string): number | undefined {
  const match = SHAPE.exec(text)
  if (match === null) return undefined
  const bytes = Number(match[1]) * (UNITS[match[2] as string] as number)
  return Math.min(Math.ceil(bytes), Number.MAX_SAFE_INTEGER)
}
