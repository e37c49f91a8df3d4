import { type Timers, waitFor } from '@gatewright/core'
import { asError } from '../as-error.js'
import type { Asked, Backend, Said } from '../backend.js'
import type { FilterFunctions } from '../filter.js'
import { InvalidDecisionError } from '../invalid-decision.js'

/** What the decisions of both phases have in common. */
interface Noting {
  readonly metadata?: Readonly<Record<string, unknown>>
}

const NOTHING_TO_CANCEL: Asked = { cancel() {} }

/** Asks functions of the user's own. */
export function functionBackend({ request, response }: FilterFunctions, timers: Timers): Backend {
  return {
    request: request === undefined ? null : (asked, ms, said) => ask(() => request(asked), ms, said, timers),
    response:
      response === undefined ? null : (asked, ms, said) => ask(() => response(asked), ms, said, timers)
  }
}

function ask<Decision extends Noting>(
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

function wait<Decision extends Noting>(
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

function settle<Decision extends Noting>(decision: Decision | undefined, said: Said<Decision>): void {
  if (decision === undefined || decision === null) {
    said(null, null)
    return
  }
  let checked: Decision
  try {
    checked = inJson(decision)
  } catch (error) {
    said(error as Error, null)
    return
  }
  said(null, checked)
}

// What is noted goes to logs and to other filters: it must be JSON by then, and stay what it was.
function inJson<Decision extends Noting>(decision: Decision): Decision {
  if (typeof decision !== 'object')
    throw new InvalidDecisionError(`is a ${typeof decision}, and not a decision`)
  const { metadata } = decision
  if (metadata === undefined) return decision
  let copy: unknown
  try {
    copy = JSON.parse(JSON.stringify(metadata))
  } catch {
    // Neither an object nor anything else.
  }
  if (typeof copy !== 'object' || copy === null || Array.isArray(copy))
    throw new InvalidDecisionError('has metadata that is no object of JSON')
  return { ...decision, metadata: copy }
}
