import { randomUUID } from 'node:crypto'

/**
 * The JSON text of a value, `undefined` where it has none. A `bigint` is written as the number it is. Throws a `RangeError` for one that
 * is nested too deeply, and a `TypeError` for one that holds itself.
 */
export function exactText(value: unknown): string | undefined {
  let mark = ''
  const text = JSON.stringify(value, (_name, part: unknown) => {
    if (typeof part !== 'bigint') return part
    // Nobody can have put it into a body.
    mark ||= `bigint ${randomUUID()} `
    return `${mark}${part}`
  }) as string | undefined
  return mark === '' ? text : text?.replaceAll(new RegExp(`"${mark}(-?\\d+)"`, 'g'), '$1')
}
