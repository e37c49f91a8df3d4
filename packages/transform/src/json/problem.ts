import { CodingError, GatewayError, JsonTextError } from '@gatewright/core'
import type { Direction } from '../template/variables.js'
import { REQUEST_TRANSFORM_FAILED, RESPONSE_TRANSFORM_FAILED } from './reasons.js'
import { JsonTooLargeError } from './too-large.js'

/** The answer for what a body's reading or changing has failed with. */
export function answerFor(error: unknown, direction: Direction, maxBytes: number): unknown {
  if (error instanceof JsonTooLargeError) return tooLarge(direction, maxBytes)
  if (error instanceof JsonTextError) return broken(direction, `the body cannot be changed: ${error.message}`)
  if (!(error instanceof CodingError)) return error
  if (error.problem === 'too-large' && direction === 'request')
    return new GatewayError('body_too_large', { detail: error.message })
  return broken(direction, `the body cannot be decoded: ${error.message}`)
}

/** A body, line or event is larger than it may be. */
export function tooLarge(direction: Direction, maxBytes: number): GatewayError {
  const detail = `more than ${maxBytes} bytes to change`
  return direction === 'request'
    ? new GatewayError('body_too_large', { detail })
    : new GatewayError(RESPONSE_TRANSFORM_FAILED, { detail })
}

/** A body is not what it says it is. */
export function broken(direction: Direction, detail: string): GatewayError {
  return new GatewayError(direction === 'request' ? REQUEST_TRANSFORM_FAILED : RESPONSE_TRANSFORM_FAILED, {
    detail
  })
}
