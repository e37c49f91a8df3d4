import type { Found } from '../found.js'
import { digestIn } from './key-format.js'

/** A key as it is stored: `ApiKeyConfig`. */
export interface ApiKeyEntry {
  readonly hash: string
  readonly id?: string
  readonly consumer?: string
  readonly scopes?: readonly string[]
  readonly roles?: readonly string[]
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly notBefore?: string
  readonly expires?: string
}

/** A key, made ready. */
export interface ApiKey {
  /** The SHA-256 of the key, in base64url. */
  readonly digest: string
  readonly found: Found
  /** In milliseconds since the epoch. */
  readonly fromMs: number
  readonly untilMs: number
}

/** Makes a checked entry ready. */
export function apiKeyOf({ hash, id, consumer, notBefore, expires, ...more }: ApiKeyEntry): ApiKey {
  const digest = digestIn(hash)
  const subject = id ?? `key-${digest.slice(0, 8)}`
  return {
    digest,
    found: { subject, ...(consumer === undefined ? {} : { consumer }), ...more },
    fromMs: notBefore === undefined ? 0 : Date.parse(notBefore),
    untilMs: expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires)
  }
}

/** Why a key cannot be used at a time; `null` when it can. */
export function timeProblem({ fromMs, untilMs, found }: ApiKey, nowMs: number): string | null {
  if (nowMs < fromMs) return `the key '${found.subject}' is not valid yet`
  return nowMs >= untilMs ? `the key '${found.subject}' has expired` : null
}

/** Yields what is wrong with entries that have their schema's shape. */
export function* checkEntries(
  entries: readonly ApiKeyEntry[],
  consumers: object | null,
  at: string
): Iterable<string> {
  const digests = new Set<string>()
  for (const [index, { hash, consumer, notBefore, expires }] of entries.entries()) {
    const digest = digestIn(hash)
    if (digests.has(digest)) yield `${at}[${index}].hash: the same key is there twice`
    digests.add(digest)
    for (const [name, text] of Object.entries({ notBefore, expires }))
      if (text !== undefined && Number.isNaN(Date.parse(text)))
        yield `${at}[${index}].${name}: there is no such date`
    if (consumer !== undefined && consumers !== null && !Object.hasOwn(consumers, consumer))
      yield `${at}[${index}].consumer: there is no consumer '${consumer}' in authentication.consumers`
  }
}
