/**
 * A query with parameters set or removed (`null`). `query` begins with `?`, or is `''`. Names are compared decoded, so that no
 * other spelling of one is left beside what was set; the rest stays byte for byte.
 */
export function changedQuery(query: string, changes: Readonly<Record<string, string | null>>): string {
  const parts = query === '' || query === '?' ? [] : query.slice(1).split('&')
  const kept = parts.filter((part) => !Object.hasOwn(changes, nameOf(part)))
  for (const name of Object.keys(changes)) {
    const value = changes[name]
    if (value !== null && value !== undefined) kept.push(`${encoded(name)}=${encoded(value)}`)
  }
  return kept.length === 0 ? '' : `?${kept.join('&')}`
}

function nameOf(part: string): string {
  const equals = part.indexOf('=')
  const name = (equals === -1 ? part : part.slice(0, equals)).replaceAll('+', ' ')
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

// A lone surrogate cannot be encoded.
function encoded(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, '\ufffd'))
}
