import type { ApiKeyEntry } from './entry.js'

/** What is known of a key that somebody has sent. */
export interface SentApiKey {
  /** `sha256:…`, as it is stored. */
  readonly hash: string
  /** The id in it, where `createApiKey()` has made it; `null` for a key of another form. */
  readonly id: string | null
}

/**
 * Finds a key by its hash, or by its id: what it returns must have its `hash`, which is compared. `null` for a key that there
 * is not.
 */
export type ApiKeyLookup = (
  sent: SentApiKey
) => ApiKeyEntry | null | undefined | Promise<ApiKeyEntry | null | undefined>
