/** What a client takes, by coding in lower case: 0 for what it refuses, up to 1. */
export interface Acceptance {
  qualityOf(coding: string): number
}

// RFC 9110, section 12.4.2.
const QUALITY = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/
/** More are not looked at: nobody has so many codings. */
const MOST_ITEMS = 32

/**
 * Reads `Accept-Encoding` (RFC 9110, section 12.5.3). Without the field, or with an empty one, only the identity is taken;
 * the identity is taken unless it is refused. An item whose weight is malformed counts as refused.
 */
export function readAcceptEncoding(field: string | undefined): Acceptance {
  const given = new Map<string, number>()
  for (const item of (field ?? '').toLowerCase().split(',', MOST_ITEMS)) {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim())
    if (name === '') continue
    const coding = name === 'x-gzip' ? 'gzip' : name
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
    given.set(coding, weight === undefined ? 1 : QUALITY.test(weight) ? Number(weight) : 0)
  }
  return {
    qualityOf(coding) {
      const own = given.get(coding)
      if (own !== undefined) return own
      const other = given.get('*')
      if (coding === 'identity') return other === 0 ? 0 : 1
      return other ?? 0
    }
  }
}

/** The coding that a client likes best of those on offer, the first of equals; `null` for none but the identity. */
export function chooseCoding<Coding extends string>(
  acceptance: Acceptance,
  offered: readonly Coding[]
): Coding | null {
  let best: Coding | null = null
  let most = 0
  for (const coding of offered) {
    const quality = acceptance.qualityOf(coding)
    if (quality > most) {
      best = coding
      most = quality
    }
  }
  return best
}
