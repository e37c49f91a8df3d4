/**
 * Who a request is from, as authentication has found out: `exchange.identity`. Limits, cohorts and caches may be keyed by it,
 * and logs name its subject and consumer. Holds no secret.
 */
export interface Identity {
  /** What found it: the configured name of a scheme, such as `jwt` or `partners`. */
  readonly scheme: string
  /** Who: the `sub` of a token, a user's name, the subject of a certificate. Unique within its scheme only. */
  readonly subject: string
  /** The configured consumer it belongs to; `null` for none. */
  readonly consumer: string | null
  /** OAuth scopes (RFC 6749, section 3.3); empty for none. */
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  /** What the credential says besides, such as the claims of a token: an object without a prototype. */
  readonly claims: Readonly<Record<string, unknown>>
  /** What the configuration says of the consumer, such as its plan: an object without a prototype. */
  readonly metadata: Readonly<Record<string, unknown>>
}
