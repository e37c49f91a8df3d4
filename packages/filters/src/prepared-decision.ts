import type { Exchange } from '@gatewright/core'
import { listed, requestProblem, responseProblem, type WriteRules } from './changes.js'
import type { FieldChange, FilterAnswer, RequestDecision, ResponseDecision } from './filter.js'
import { InvalidDecisionError } from './invalid-decision.js'
import { changedQuery } from './query.js'

/** An answer that can be given. */
export interface PreparedAnswer {
  readonly status: number
  readonly headers: readonly FieldChange[]
  readonly body: string | Buffer
  readonly denies: boolean
}

/** A decision that can be carried out: everything in it is checked. */
export interface PreparedDecision {
  readonly answer: PreparedAnswer | null
  readonly headers: readonly FieldChange[]
  readonly responseHeaders: readonly FieldChange[]
  /** The query that goes upstream, with its `?`; `null` for what there is. */
  readonly query: string | null
}

/** Checks a decision. Throws an {@link InvalidDecisionError} for the first thing that it may not, or that cannot be sent. */
export function preparedDecision(
  decision: RequestDecision,
  exchange: Exchange,
  rules: WriteRules
): PreparedDecision {
  if (decision.answer !== undefined)
    return {
      answer: preparedAnswer(decision.answer, exchange),
      headers: [],
      responseHeaders: [],
      query: null
    }
  const headers = listed(decision.headers)
  const responseHeaders = listed(decision.responseHeaders)
  refuse(requestProblem(headers, exchange, rules))
  refuse(responseProblem(responseHeaders, exchange))
  return { answer: null, headers, responseHeaders, query: preparedQuery(decision, exchange) }
}

/** A decision about a response that can be carried out. */
export interface PreparedResponse {
  readonly answer: PreparedAnswer | null
  readonly headers: readonly FieldChange[]
}

/** The same for a decision about a response. */
export function preparedResponse(decision: ResponseDecision, exchange: Exchange): PreparedResponse {
  if (decision.answer !== undefined) return { answer: preparedAnswer(decision.answer, exchange), headers: [] }
  const headers = listed(decision.headers)
  refuse(responseProblem(headers, exchange))
  return { answer: null, headers }
}

/** Checks an answer. Throws as {@link preparedDecision}. */
function preparedAnswer(answer: FilterAnswer, exchange: Exchange): PreparedAnswer {
  const { status, body = '', denies = status >= 400 } = answer
  if (!Number.isInteger(status) || status < 200 || status > 599) refuse(`has status ${String(status)}`)
  if (typeof body !== 'string' && !(body instanceof Uint8Array))
    refuse('has a body that is neither text nor bytes')
  const headers = listed(answer.headers)
  refuse(responseProblem(headers, exchange))
  const bytes = typeof body === 'string' ? body : Buffer.from(body)
  return { status, headers, body: isBodiless(status) ? '' : bytes, denies }
}

// RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5.
function isBodiless(status: number): boolean {
  return status === 204 || status === 205 || status === 304
}

function preparedQuery({ query }: RequestDecision, exchange: Exchange): string | null {
  if (query === undefined) return null
  const changed = changedQuery(exchange.upstreamQuery ?? exchange.query, query)
  const { maxUrlBytes } = exchange.snapshot.ingress.settings
  if (changed.length + exchange.path.length > maxUrlBytes)
    refuse('makes the query longer than a target may be')
  return changed
}

function refuse(problem: string | null): void {
  if (problem !== null) throw new InvalidDecisionError(problem)
}
