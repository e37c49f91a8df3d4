import { isSecretName } from '@gatewright/core'

/** The value of a header that may hold URLs, such as `referer`: their secrets, and users with passwords, as `***`. */
export function redactedUrls(value: string, secrets: ReadonlySet<string>): string {
  if (!value.includes('=') && !value.includes('@')) return value
  return value
    .replace(/\/\/[^/?#\s"<>@]{0,512}@/g, '//***@')
    .replace(/(^|[?&;#,]\s?)([^=?&;#,\s"<>]{1,256})=([^&;#\s"<>,]*)/g, (pair, before: string, key: string) =>
      isSecret(key, secrets) ? `${before}${key}=***` : pair
    )
}

/**
 * A query without its `?`, the values of secret keys replaced by `***`. `secrets` are in lower case. A key is compared
 * as upstreams read it: decoded, in any letter case, and by each of its parts (`user[password]`, `user.password`). A value
 * is secret too that is itself a URL with such a query, encoded up to three times over.
 */
export function redactedQuery(query: string, secrets: ReadonlySet<string>): string {
  return query
    .slice(query.startsWith('?') ? 1 : 0)
    .split(/([&;])/)
    .map((pair) => redactedPair(pair, secrets))
    .join('')
}

function redactedPair(pair: string, secrets: ReadonlySet<string>): string {
  const equals = pair.indexOf('=')
  if (equals === -1) return pair
  const key = pair.slice(0, equals)
  return isSecret(key, secrets) || hidesSecret(pair.slice(equals + 1), secrets) ? `${key}=***` : pair
}

function hidesSecret(value: string, secrets: ReadonlySet<string>): boolean {
  let text = value
  for (let depth = 0; depth <= 3; depth++) {
    for (const [, key = ''] of text.matchAll(/[?&;#]([^=?&;#]{1,256})=/g))
      if (isSecret(key, secrets)) return true
    if (!text.includes('%')) return false
    text = decoded(text)
  }
  return false
}

function isSecret(key: string, secrets: ReadonlySet<string>): boolean {
  const name = decoded(key).trim().toLowerCase()
  const isOne = (part: string): boolean => secrets.has(part) || isSecretName(part)
  return isOne(name) || name.split(/[[\].]/).some(isOne)
}

// Byte by byte: a key that is not valid UTF-8 as a whole may still be readable in part.
function decoded(key: string): string {
  return key
    .replaceAll('+', ' ')
    .replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
