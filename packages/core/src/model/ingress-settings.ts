/** The peers whose forwarding headers are believed. */
export interface Trust {
  trusts(address: string): boolean
}

/** How the headers of a request are read. */
export interface IngressSettings {
  readonly trust: Trust
  /** The forwarding headers of trusted peers that give the client's address, scheme and host. Default `x-forwarded`. */
  readonly believes: 'x-forwarded' | 'rfc7239'
  /** The header that carries the request id, in lower case. Default `x-request-id`. */
  readonly requestIdHeader: string
  /** The header with the remaining milliseconds of the deadline, in lower case; `''` for none. Read from trusted peers only. */
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
