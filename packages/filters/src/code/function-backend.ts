import { type Timers, toldError, waitFor } from '@gatewright/core'
import type { Asked, Backend, Said } from '../backend.js'
import type { FilterFunctions } from '../filter.js'

const NOTHING_TO_CANCEL: Asked = { cancel() {} }

/** Asks functions of the user's own. */
export function functionBackend({ request, response }: FilterFunctions, timers: Timers): Backend {
  return {
    request: request === undefined ? null : (asked, ms, said) => ask(() => request(asked), ms, said, timers),
    response:
      response === undefined ? null : (asked, ms, said) => ask(() => response(asked), ms, said, timers)
  }
}

function ask<Decision extends object>(
  call: () => Decision | undefined | Promise<Decision | undefined>,
  timeoutMs: number,
  said: Said<Decision>,
  timers: Timers
): Asked {
  let result: ReturnType<typeof call>
  try {
    result = call()
  } catch (error) {
    said(asError(error), null)
    return NOTHING_TO_CANCEL
  }
  if (!(result instanceof Promise)) {
    settle(result, said)
    return NOTHING_TO_CANCEL
  }
  return wait(result, timeoutMs, said, timers)
}

function wait<Decision extends object>(
  result: Promise<Decision | undefined>,
  timeoutMs: number,
  said: Said<Decision>,
  timers: Timers
): Asked {
  let isOver = false
  const cancelTimer = waitFor(timers, timeoutMs, () => {
    isOver = true
    said(new Error(`it has not decided in ${Math.round(timeoutMs)} ms`), null)
  })
  const end = (then: () => void): void => {
    if (isOver) return
    isOver = true
    cancelTimer()
    then()
  }
  result.then(
    (decision) => end(() => settle(decision, said)),
    (error) => end(() => said(asError(error), null))
  )
  return { cancel: () => end(() => {}) }
}

function settle<Decision extends object>(decision: Decision | undefined, said: Said<Decision>): void {
  if (decision === undefined || decision === null) said(null, null)
  else if (typeof decision === 'object') said(null, decision)
  else said(new Error(`it returned a ${typeof decision}, not a decision`), null)
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(toldError(error))
}
