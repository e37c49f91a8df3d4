const MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 2_592_000_000,
  y: 31_536_000_000
}

/** A time of nginx (`1m30s`, `60` for seconds) in milliseconds, or `undefined` for something else. */
function msOf(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * 1_000
  if (!/^(\d+(ms|[smhdwMy])\s*)+$/.test(text)) return undefined
  return [...text.matchAll(/(\d+)(ms|[smhdwMy])/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (MS[unit ?? ''] ?? 0),
    0
  )
}

/** A time of nginx as a duration of a configuration. */
export function durationOf(text: string): string | undefined {
  const ms = msOf(text)
  return ms === undefined ? undefined : writtenMs(ms)
}

/** Milliseconds as a duration, in the largest unit that fits. */
export function writtenMs(ms: number): string {
  if (ms === 0) return '0ms'
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000}h`
  if (ms % 60_000 === 0) return `${ms / 60_000}m`
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`
}

/** A size of nginx (`8k`, `10M`, bytes) as a size of a configuration. */
export function sizeOf(text: string): string | undefined {
  const [, number, unit = ''] = /^(\d+)([kmg]?)$/i.exec(text) ?? []
  if (number === undefined) return undefined
  const units: Readonly<Record<string, string>> = { '': 'B', k: 'KiB', m: 'MiB', g: 'GiB' }
  return `${Number(number)}${units[unit.toLowerCase()]}`
}
