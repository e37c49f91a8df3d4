import type { PeerCertificate } from 'node:tls'

/** What a client certificate says of whom it is for. */
export interface ClientCertificate {
  readonly uri: readonly string[]
  readonly dns: readonly string[]
  readonly email: readonly string[]
  readonly cn: readonly string[]
  readonly organization: readonly string[]
  readonly unit: readonly string[]
  /** SHA-256, in hexadecimal, small letters. */
  readonly fingerprint: string
  /** In milliseconds since the epoch. */
  readonly untilMs: number
}

const SAN = { URI: 'uri', DNS: 'dns', email: 'email' } as const

/** Reads the certificate of a connection, as Node tells it. */
export function certificateOf(peer: PeerCertificate): ClientCertificate {
  const names = { uri: [] as string[], dns: [] as string[], email: [] as string[] }
  for (const [kind, value] of alternativeNames(peer.subjectaltname ?? '')) {
    const known = Object.hasOwn(SAN, kind) ? SAN[kind as keyof typeof SAN] : null
    if (known !== null) names[known].push(value)
  }
  const subject = (peer.subject ?? {}) as unknown as Readonly<Record<string, string | string[] | undefined>>
  return {
    ...names,
    cn: [subject.CN ?? []].flat(),
    organization: [subject.O ?? []].flat(),
    unit: [subject.OU ?? []].flat(),
    fingerprint: plainFingerprint(peer.fingerprint256 ?? ''),
    untilMs: Date.parse(peer.valid_to ?? '')
  }
}

/** A fingerprint without colons, in small letters. */
export function plainFingerprint(text: string): string {
  return text.replaceAll(':', '').toLowerCase()
}

/**
 * The alternative names as Node joins them: `DNS:a.test, URI:"spiffe://a, b"`. One that holds what could end it early is a
 * JSON string (CVE-2021-44532). A text of another form yields nothing: who could be meant is not guessed.
 */
export function alternativeNames(text: string): (readonly [kind: string, value: string])[] {
  const names: (readonly [kind: string, value: string])[] = []
  const name = /([A-Za-z][A-Za-z ]*):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/gy
  while (name.lastIndex < text.length) {
    const [whole, kind = '', value = ''] = name.exec(text) ?? []
    if (whole === undefined) return []
    const read = value.startsWith('"') ? textIn(value) : value
    if (read === null) return []
    names.push([kind, read])
  }
  return names
}

function textIn(json: string): string | null {
  try {
    return JSON.parse(json) as string
  } catch {
    return null
  }
}
