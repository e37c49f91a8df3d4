/**
 * A URL with its secrets masked: query values and user info as `***`, without the fragment. A text that is not a URL is cut at the first `?` or `#`.
 */
export function shownUrl(text: string): string {
  if (!URL.canParse(text)) return shownTarget(text)
  const [, front = '', query = ''] = /^([^?#]*)(\??[^#]*)/.exec(text) ?? []
  return withoutUser(front) + maskedQuery(query) + (text.includes('#') ? '#…' : '')
}

/** A query with the values of all its keys as `***`; a key without a value may be one itself. */
export function maskedQuery(query: string): string {
  if (query.length < 2) return query
  return `?${query.slice(1).replace(/[^&;]+/g, (pair) => {
    const equals = pair.indexOf('=')
    return equals === -1 ? '***' : `${pair.slice(0, equals)}=***`
  })}`
}

/** A request target for logs, without the user, the query and the fragment, any of which may be a secret. */
export function shownTarget(target: string): string {
  const end = target.search(/[?#]/)
  return withoutUser(end === -1 ? target : `${target.slice(0, end)}${target[end]}…`)
}

// The last `@` counts, as it does for `URL`.
function withoutUser(text: string): string {
  return text.replace(/^([a-z][a-z\d+.-]{0,20}:)?(\/\/)[^/?#]*@/i, '$1$2***@')
}
