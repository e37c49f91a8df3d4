/** Whether a name is one of `patterns`, of which those with `*` at their end stand for all that begin so. */
export function matcher(patterns: readonly string[]): (name: string) => boolean {
  const names = new Set(patterns.filter((one) => !one.endsWith('*')))
  const beginnings = patterns.filter((one) => one.endsWith('*')).map((one) => one.slice(0, -1))
  return (name) => names.has(name) || beginnings.some((beginning) => name.startsWith(beginning))
}

/** Whether a name is allowed, and not disallowed. Without a list all are allowed. */
export function teller(
  allowed: readonly string[] | undefined,
  disallowed: readonly string[] = []
): (name: string) => boolean {
  const isAllowed = allowed === undefined ? () => true : matcher(allowed)
  const isDisallowed = matcher(disallowed)
  return (name) => isAllowed(name) && !isDisallowed(name)
}
