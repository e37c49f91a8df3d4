/** `12,345` */
export const whole = (value) => Math.round(value).toLocaleString('en-US')

/** A value with as many digits as it deserves: `123`, `12.3`, `1.23`. */
export function short(value) {
  if (value >= 1_000) return whole(value)
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

/** `1.23×`, or a dash when there is nothing to compare with. */
export const times = (ratio) => (ratio === null || Number.isNaN(ratio) ? '–' : `${ratio.toFixed(2)}×`)
