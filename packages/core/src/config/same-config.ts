/**
 * A copy of a configuration's objects and lists, for a later comparison: the caller may change the original. Functions
 * and instances of classes are themselves.
 */
export function copyConfig(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyConfig)
  if (!isPlain(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copyConfig(part)]))
}

/** Whether two configurations are equal: objects and lists by content, anything else by identity. */
export function sameConfig(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((part, index) => sameConfig(part, b[index]))
  if (!isPlain(a) || !isPlain(b)) return false
  // A key that is there and undefined is not there.
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  for (const key of keys) if (!sameConfig(own(a, key), own(b, key))) return false
  return true
}

function own(value: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const inherited: unknown = Object.getPrototypeOf(value)
  return inherited === null || inherited === Object.prototype
}
