/**
 * A place in the claims of an identity: `realm_access.roles` by dots, or `/https:~1~1example.com~1tenant` as a JSON Pointer
 * (RFC 6901) for names that have dots themselves.
 */
export type ClaimPath = readonly string[]

/** Takes a path apart. Returns what is wrong as a text. */
export function parseClaimPath(text: string): ClaimPath | string {
  const pointer = text.startsWith('/')
  const names = pointer
    ? text
        .slice(1)
        .split('/')
        .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
    : text.split('.')
  return names.includes('') ? 'has an empty name in the path of its claim' : names
}

/**
 * The claim as a text: strings, numbers and booleans as they are, lists of those with commas. `''` for anything else, and for
 * what is inherited.
 */
export function claimText(claims: Readonly<Record<string, unknown>>, path: ClaimPath): string {
  let value: unknown = claims
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return ''
    value = (value as Record<string, unknown>)[name]
  }
  return textOf(value)
}

function textOf(value: unknown): string {
  if (!Array.isArray(value)) return scalar(value)
  return value
    .map(scalar)
    .filter((text) => text !== '')
    .join(',')
}

function scalar(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : ''
}
