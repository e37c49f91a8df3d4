/** Marks a parameter that occurs more than once with different values. */
export const TWO_VALUES: unique symbol = Symbol('two values')

/**
 * The value of a parameter of a raw query (with or without its `?`), decoded as a form would be: `+` is a space. An
 * escape that is not valid UTF-8 is kept literally. `null` if the parameter is absent, {@link TWO_VALUES} if it
 * is ambiguous.
 */
export function readQuery(query: string, name: string): string | typeof TWO_VALUES | null {
  let found: string | null = null
  let start = query.charCodeAt(0) === 63 ? 1 : 0
  while (start < query.length) {
    const ampersand = query.indexOf('&', start)
    const end = ampersand === -1 ? query.length : ampersand
    const pair = query.slice(start, end)
    const equals = pair.indexOf('=')
    if (pair !== '' && decode(equals === -1 ? pair : pair.slice(0, equals)) === name) {
      const value = equals === -1 ? '' : decode(pair.slice(equals + 1))
      if (found !== null && found !== value) return TWO_VALUES
      found = value
    }
    start = end + 1
  }
  return found
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}
