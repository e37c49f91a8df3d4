/** Longer names are too rare to be remembered. */
const LONGEST = 40

interface Known {
  readonly bytes: Uint8Array
  readonly name: string
}

// A slot holds the name met last, so that names an upstream makes up take no more room than others.
const SLOTS = 512
const known: (Known | undefined)[] = new Array(SLOTS).fill(undefined)

/**
 * The name of a header field in lower case. Upstreams send the same few names again and again: the string is made
 * once, and, as it has been a key of an object, need not be hashed again.
 */
export function fieldName(raw: Buffer): string {
  const { length } = raw
  if (length === 0 || length > LONGEST) return raw.toString('latin1').toLowerCase()
  const slot =
    (length * 31 + (raw[0] as number) * 17 + (raw[length >> 1] as number) * 5 + (raw[length - 1] as number)) &
    (SLOTS - 1)
  const there = known[slot]
  if (there !== undefined && isSame(there.bytes, raw)) return there.name
  const [name] = Object.keys({ [raw.toString('latin1').toLowerCase()]: 0 }) as [string]
  known[slot] = { bytes: new Uint8Array(raw), name }
  return name
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
