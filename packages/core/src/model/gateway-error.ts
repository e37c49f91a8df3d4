import { REASONS, type Reason } from './reason.js'

/** More about a {@link GatewayError}. */
export interface GatewayErrorOptions extends ErrorOptions {
  /** For the log only; a client never sees it. */
  readonly detail?: string
  /** Header fields of the answer, such as `allow`, `retry-after` or `location`. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * The gateway answers a request itself, for one {@link Reason}.
 * `statusCode` is the reason's; `message` is its public title; `detail` and `cause` are for the log.
 */
export class GatewayError extends Error {
  readonly code: string
  readonly reason: Reason
  readonly statusCode: number
  readonly detail: string
  readonly headers: Readonly<Record<string, string>> | undefined

  constructor(reason: Reason, options: GatewayErrorOptions = {}) {
    super(REASONS[reason].title, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'GatewayError'
    this.code = `GW_${reason.toUpperCase()}`
    this.reason = reason
    this.statusCode = REASONS[reason].status
    this.detail = options.detail ?? ''
    this.headers = options.headers
  }
}
