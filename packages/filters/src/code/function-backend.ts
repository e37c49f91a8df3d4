import { didYouMean, type Timers, waitFor } from '@gatewright/core'
import { asError } from '../as-error.js'
import type { Asked, Backend, Said } from '../backend.js'
import type { FilterFunctions } from '../filter.js'
import { InvalidDecisionError } from '../invalid-decision.js'

/** What the decisions of both phases have in common. */
interface Noting {
  readonly metadata?: Readonly<Record<string, unknown>>
}

const OF_REQUESTS: ReadonlySet<string> = new Set([
  'answer',
  'headers',
  'responseHeaders',
  'query',
  'metadata'
])
const OF_RESPONSES: ReadonlySet<string> = new Set(['answer', 'headers', 'metadata'])
const NOTHING_TO_CANCEL: Asked = { cancel() {} }

/** Asks functions of the user's own. */
export function functionBackend({ request, response }: FilterFunctions, timers: Timers): Backend {
  return {
    request:
      request === undefined
        ? null
        : (asked, ms, said) => ask(() => request(asked), OF_REQUESTS, ms, said, timers),
    response:
      response === undefined
        ? null
        : (asked, ms, said) => ask(() => response(asked), OF_RESPONSES, ms, said, timers)
  }
}

function ask<Decision extends Noting>(
  call: () => Decision | undefined | PromiseLike<Decision | undefined>,
  parts: ReadonlySet<string>,
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
  // Promises of other realms and of libraries are none of this one's class.
  if (typeof (result as Partial<PromiseLike<Decision>> | null | undefined)?.then === 'function')
    return wait(Promise.resolve(result), parts, timeoutMs, said, timers)
  settle(result as Decision | undefined, parts, said)
  return NOTHING_TO_CANCEL
}

function wait<Decision extends Noting>(
  result: Promise<Decision | undefined>,
  parts: ReadonlySet<string>,
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
    (decision) => end(() => settle(decision, parts, said)),
    (error) => end(() => said(asError(error), null))
  )
  return { cancel: () => end(() => {}) }
}

function settle<Decision extends Noting>(
  decision: Decision | undefined,
  parts: ReadonlySet<string>,
  said: Said<Decision>
): void {
  if (decision === undefined || decision === null) {
    said(null, null)
    return
  }
  let checked: Decision
  try {
    checkShape(decision, parts)
    checked = inJson(decision)
  } catch (error) {
    said(error as Error, null)
    return
  }
  said(null, checked)
}

// A refusal that is misspelt, or of another kind such as a `Response`, must not pass for none.
function checkShape(decision: object, parts: ReadonlySet<string>): void {
  if (typeof decision !== 'object' || Array.isArray(decision))
    throw new InvalidDecisionError(
      `is ${Array.isArray(decision) ? 'a list' : `a ${typeof decision}`}, and no decision`
    )
  const names = Object.keys(decision)
  for (const name of names)
    if (!parts.has(name))
      throw new InvalidDecisionError(`has '${name.slice(0, 60)}'${didYouMean(name, parts)}`)
  const prototype: unknown = Object.getPrototypeOf(decision)
  if (names.length === 0 && prototype !== null && prototype !== Object.prototype)
    throw new InvalidDecisionError(`is a ${decision.constructor?.name ?? 'thing'}, and no decision`)
}

// What is noted goes to logs and to other filters: it must be JSON by then, and stay what it was.
function inJson<Decision extends Noting>(decision: Decision): Decision {
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
