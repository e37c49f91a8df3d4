/** What stands for a secret. */
const MASK = '***'
/** A secret of fewer characters is hidden only where it is a whole value. */
const TELLING = 4

/** A copy of a value in which the secrets are `***`; functions and instances of classes are themselves. */
export function redacted<T>(value: T, secrets: ReadonlySet<string>): T {
  return (secrets.size === 0 ? value : copied(value, secrets)) as T
}

function copied(value: unknown, secrets: ReadonlySet<string>): unknown {
  if (typeof value === 'string') return masked(value, secrets)
  if (Array.isArray(value)) return value.map((part) => copied(part, secrets))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copied(part, secrets)]))
}

function masked(text: string, secrets: ReadonlySet<string>): string {
  let shown = text
  for (const secret of secrets)
    if (shown === secret) return MASK
    else if (secret.length >= TELLING) shown = shown.replaceAll(secret, MASK)
  return shown
}
