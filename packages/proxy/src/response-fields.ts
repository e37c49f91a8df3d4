/** What becomes of a field of a response: most are relayed as they are. */
export type FieldKind =
  | 'relayed'
  | 'dropped'
  | 'connection'
  | 'transfer-encoding'
  | 'content-length'
  | 'content-type'
  | 'trailer'
  /** A list that intermediaries add to: what a hook has set stays beside the upstream's. */
  | 'list'
  /** A name that cannot be a key of a plain object. */
  | 'raw'

// `Alt-Svc` is about the upstream's own host and port: with it, clients would go round the gateway.
const DROPPED = [
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authentication-info',
  'te',
  'upgrade',
  'http2-settings',
  'alt-svc'
] as const

const LISTS = [
  'vary',
  'link',
  'server-timing',
  'cache-status',
  'proxy-status',
  'access-control-expose-headers',
  'ratelimit',
  'ratelimit-policy'
] as const

const KINDS: ReadonlyMap<string, FieldKind> = new Map<string, FieldKind>([
  ...DROPPED.map((name) => [name, 'dropped'] as const),
  ...LISTS.map((name) => [name, 'list'] as const),
  ...(['connection', 'transfer-encoding', 'content-length', 'content-type', 'trailer'] as const).map(
    (name) => [name, name] as const
  ),
  ['__proto__', 'raw']
])

/** The kind of a field; `name` in lower case. */
export function kindOf(name: string): FieldKind {
  return KINDS.get(name) ?? 'relayed'
}

/** Both values of a list: a hook's, then the upstream's. In `Vary` no name is repeated, and `*` covers all. */
export function mergeLists(
  name: string,
  first: string | string[],
  second: string | string[]
): string | string[] {
  const lines = [first, second].flat()
  if (name !== 'vary') return lines
  const seen = new Map<string, string>()
  for (const line of lines)
    for (const item of line.split(',')) {
      const text = item.trim()
      const key = text.toLowerCase()
      if (text !== '' && !seen.has(key)) seen.set(key, text)
    }
  return seen.has('*') ? '*' : [...seen.values()].join(', ')
}
