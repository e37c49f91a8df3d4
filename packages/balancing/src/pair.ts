/**
 * The value of the first `name=value` in a list such as a Cookie header (`;`) or a query (`&`), byte for byte as it
 * was sent; `undefined` when there is none. Makes no list of the others.
 */
export function findPair(list: string, name: string, separator: ';' | '&'): string | undefined {
  for (let start = 0; start <= list.length; ) {
    let end = list.indexOf(separator, start)
    if (end === -1) end = list.length
    while (list.charCodeAt(start) === SPACE) start++
    if (list.startsWith(name, start) && list.charCodeAt(start + name.length) === EQUALS)
      return list.slice(start + name.length + 1, end)
    start = end + 1
  }
  return undefined
}

const SPACE = 32
const EQUALS = 61
