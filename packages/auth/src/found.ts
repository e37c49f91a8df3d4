/** What a scheme has found out about who a request is from. */
export interface Found {
  readonly subject: string
  /** The consumer that the credential itself belongs to. Default: the one that lists the subject, if any. */
  readonly consumer?: string | null
  readonly scopes?: readonly string[]
  readonly roles?: readonly string[]
  readonly claims?: Readonly<Record<string, unknown>>
  readonly metadata?: Readonly<Record<string, unknown>>
}
