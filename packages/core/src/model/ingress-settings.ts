/** The peers whose forwarding headers are believed. */
export interface Trust {
  trusts(address: string): boolean
}

/** How the headers of a request are read. */
export interface IngressSettings {
  readonly trust: Trust
  /** Which forwarding headers of a trusted peer tell the client's address, scheme and host. Default `x-forwarded`. */
  readonly believes: 'x-forwarded' | 'rfc7239'
  /** The header that carries the request id, in lower case. Default `x-request-id`. */
  readonly requestIdHeader: string
  /** The header that tells how many milliseconds are left, in lower case; `''` for none. Believed of trusted peers. */
  readonly deadlineHeader: string
  /** Names in lower case that a client may never send; its copies are dropped. */
  readonly reservedHeaders: ReadonlySet<string>
  /** `reject` (default), `drop` or `keep` headers with an underscore: some upstreams read `X_User` as `X-User`. */
  readonly underscores: 'reject' | 'drop' | 'keep'
  /** Most header fields. */
  readonly maxHeaders: number
  /** Longest request target, in bytes. */
  readonly maxUrlBytes: number
}
