import {
  REASONS,
  type Reason,
  type ReasonDefinition,
  type ReasonInfo,
  type ReasonTable
} from '../config/reason.js'

/** More about a {@link GatewayError}. */
export interface GatewayErrorOptions extends ErrorOptions {
  /** For the log only; a client never sees it. */
  readonly detail?: string
  /** Header fields of the response, such as `allow`, `retry-after` or `location`. */
  readonly headers?: Readonly<Record<string, string>>
  /**
   * Members that the problem body has besides (RFC 9457, section 3.2), such as `errors`: JSON values, which the client sees.
   * They take the place of none that every problem has.
   */
  readonly members?: Readonly<Record<string, unknown>>
}

/** Not with `--frozen-intrinsics`. */
const IS_WRITABLE = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')?.writable === true

/**
 * The gateway answers a request itself, for one {@link Reason}.
 * `statusCode` is the reason's; `message` is its public title; `detail` and `cause` are for the log.
 *
 * A feature gives the definition of its own reason. By its bare name, status and title of a feature's reason are known
 * from when the gateway has the error; until then they are 500 and the name.
 *
 * It has a stack only where something is wrong with the gateway: its status is 500, or nobody knows its reason.
 *
 * @example throw new GatewayError('request_rejected', { detail: 'no tenant' })
 */
export class GatewayError extends Error {
  readonly code: string
  readonly reason: Reason
  /** Whose fault it is; see `ReasonInfo`. */
  readonly blames: ReasonInfo['blames']
  readonly statusCode: number
  readonly detail: string
  readonly headers: Readonly<Record<string, string>> | undefined
  readonly members: Readonly<Record<string, unknown>> | undefined
  readonly #isBare: boolean

  constructor(reason: Reason | ReasonDefinition, options: GatewayErrorOptions = {}) {
    const info = typeof reason === 'string' ? ownReason(reason) : reason
    const name = typeof reason === 'string' ? reason : reason.name
    const depth = Error.stackTraceLimit
    // A stack costs more than all else of an answer, and tells nothing of one that is meant to be given.
    if (IS_WRITABLE && info !== undefined && info.status !== 500) Error.stackTraceLimit = 0
    super(info?.title ?? name, options.cause === undefined ? undefined : { cause: options.cause })
    if (IS_WRITABLE) Error.stackTraceLimit = depth
    this.name = 'GatewayError'
    this.code = `GW_${name.toUpperCase()}`
    this.reason = name
    this.blames = info?.blames ?? 'gateway'
    this.statusCode = info?.status ?? 500
    this.detail = options.detail ?? ''
    this.headers = options.headers
    this.members = options.members
    this.#isBare = info === undefined
  }

  /**
   * The error as a gateway with these reasons answers it: one that was made by a bare name gets what its reason says, and
   * one that nobody has registered becomes an `internal_error`.
   */
  known(reasons: ReasonTable): GatewayError {
    if (!this.#isBare) return this
    const { reason } = this
    const info = reasons[reason] as ReasonInfo | undefined
    if (info === undefined)
      return new GatewayError('internal_error', { detail: `there is no reason '${reason}'`, cause: this })
    const { title: message, status: statusCode, blames } = info
    return Object.assign(this, { message, statusCode, blames })
  }
}

function ownReason(name: string): ReasonInfo | undefined {
  return Object.hasOwn(REASONS, name) ? REASONS[name as keyof typeof REASONS] : undefined
}
