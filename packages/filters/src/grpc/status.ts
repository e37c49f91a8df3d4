/** The names of gRPC's status codes, by their numbers. */
const STATUS_NAMES: readonly string[] = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED'
]

/** Codes that the client itself gives. */
export const STATUS = {
  cancelled: 1,
  unknown: 2,
  deadlineExceeded: 4,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14
} as const

/** A call that has ended without an answer. */
export class GrpcError extends Error {
  /** The status of gRPC. */
  readonly status: number

  constructor(status: number, because: string) {
    super(`${STATUS_NAMES[status] ?? `status ${status}`}: ${because}`)
    this.name = 'GrpcError'
    this.status = status
  }
}

/** The status for an answer of HTTP without one of gRPC's (gRPC: "HTTP to gRPC Status Code Mapping"). */
export function statusOfHttp(status: number): number {
  switch (status) {
    case 400:
      return STATUS.internal
    case 401:
      return 16
    case 403:
      return 7
    case 404:
      return STATUS.unimplemented
    case 429:
    case 502:
    case 503:
    case 504:
      return STATUS.unavailable
    default:
      return STATUS.unknown
  }
}

const LONGEST_MESSAGE = 200

/** The text of a `grpc-message` field for the log: percent-decoded where it can be, and cut. */
export function toldMessage(field: unknown): string {
  if (typeof field !== 'string' || field === '') return 'no message'
  const short = field.slice(0, LONGEST_MESSAGE * 3)
  let text = short
  try {
    text = decodeURIComponent(short)
  } catch {
    // Not encoded as it should be: shown as it came.
  }
  return text.slice(0, LONGEST_MESSAGE)
}
