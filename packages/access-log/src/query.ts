/**
 * A query without its `?`, the values of secret keys replaced by `***`. `secrets` are in lower case. A key is compared
 * as upstreams read it: decoded, in any letter case, and by each of its parts (`user[password]`, `user.password`).
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
  return isSecret(key, secrets) ? `${key}=***` : pair
}

function isSecret(key: string, secrets: ReadonlySet<string>): boolean {
  const name = decoded(key).trim().toLowerCase()
  const isOne = (part: string): boolean => secrets.has(part) || SECRET_ENDINGS.test(part)
  return isOne(name) || name.split(/[[\].]/).some(isOne)
}

// `id_token`, `clientSecret`, `x-signature`: there is no end of them.
const SECRET_ENDINGS = /(?:token|secret|password|passwd|signature|credential|jwt)$/

// Byte by byte: a key that is not UTF-8 as a whole may still be read by somebody.
function decoded(key: string): string {
  return key
    .replaceAll('+', ' ')
    .replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
