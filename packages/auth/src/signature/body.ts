import { type Exchange, GatewayError, toldError } from '@gatewright/core'
import type { Outcome } from '../scheme.js'

/** Reads the body of a request, and gives `done` what is found out by it. The upstream gets it all the same. */
export function withBody(
  exchange: Exchange,
  maxBytes: number,
  done: (outcome: Outcome) => void,
  judge: (body: Buffer) => Outcome
): void {
  exchange.buffer(maxBytes).then(
    (body) => done(judged(body, judge)),
    (error) => done({ kind: 'error', error: asError(error) })
  )
}

function judged(body: Buffer, judge: (body: Buffer) => Outcome): Outcome {
  try {
    return judge(body)
  } catch (error) {
    return { kind: 'error', error: asError(error) }
  }
}

function asError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error
  return new GatewayError('internal_error', { detail: toldError(error), cause: error })
}
