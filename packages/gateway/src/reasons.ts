import { AUTH_THROTTLED, AUTH_UNAVAILABLE, FORBIDDEN, UNAUTHENTICATED } from '@gatewright/auth'
import { CIRCUIT_OPEN } from '@gatewright/circuit-breaker'
import { REASONS as CORE, type ReasonTable } from '@gatewright/core'
import { ORIGIN_NOT_ALLOWED } from '@gatewright/cors'
import { FILTER_DENIED, FILTER_UNAVAILABLE } from '@gatewright/filters'
import { OVERLOADED, QUEUE_TIMEOUT } from '@gatewright/overload'
import { RATE_LIMIT_UNAVAILABLE, RATE_LIMITED } from '@gatewright/rate-limit'
import { TLS_REQUIRED } from '@gatewright/security-headers'
import { REQUEST_TRANSFORM_FAILED, RESPONSE_TRANSFORM_FAILED } from '@gatewright/transform'
import { REQUEST_INVALID, RESPONSE_INVALID } from '@gatewright/validation'

/** Every reason for which the gateway itself answers a request, with its fixed status and title. */
export const REASONS: ReasonTable = Object.freeze({
  ...CORE,
  circuit_open: CIRCUIT_OPEN,
  filter_denied: FILTER_DENIED,
  filter_unavailable: FILTER_UNAVAILABLE,
  overloaded: OVERLOADED,
  queue_timeout: QUEUE_TIMEOUT,
  rate_limited: RATE_LIMITED,
  origin_not_allowed: ORIGIN_NOT_ALLOWED,
  rate_limit_unavailable: RATE_LIMIT_UNAVAILABLE,
  unauthenticated: UNAUTHENTICATED,
  forbidden: FORBIDDEN,
  auth_throttled: AUTH_THROTTLED,
  auth_unavailable: AUTH_UNAVAILABLE,
  request_transform_failed: REQUEST_TRANSFORM_FAILED,
  response_transform_failed: RESPONSE_TRANSFORM_FAILED,
  request_invalid: REQUEST_INVALID,
  response_invalid: RESPONSE_INVALID,
  tls_required: TLS_REQUIRED
})
