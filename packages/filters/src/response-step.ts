import { type Exchange, GatewayError, wireText } from '@gatewright/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { changeReply } from './answering.js'
import { asError } from './as-error.js'
import type { AskResponse } from './backend.js'
import type { FilterBreaker, Ticket } from './breaker.js'
import type { ResponseDecision } from './filter.js'
import { PendingQuestion } from './pending-question.js'
import { type PreparedResponse, preparedResponse } from './prepared-decision.js'
import { FILTER_DENIED } from './reasons.js'
import type { FilterRecords } from './record.js'
import { isTimeUp, remainingMs } from './remaining.js'
import { discard, replaceResponse } from './replacing.js'
import type { CommonSettings } from './settings.js'
import { callResult, type StepContext, Telling } from './telling.js'

type SendDone = (error: Error | null, payload?: unknown) => void

const NOTHING: ResponseDecision = {}

/** The `onSend` hook that changes responses as filters have said when they were asked about the request. */
export function responseChanges(records: FilterRecords) {
  return function changeResponse(
    { exchange }: FastifyRequest,
    reply: FastifyReply,
    payload: unknown,
    done: SendDone
  ): void {
    const { responseChanges: changes = [] } = records.find(exchange as Exchange) ?? {}
    if (changes.length > 0) changeReply(changes, reply)
    done(null, payload)
  }
}

/** A filter that is asked about responses. What the gateway itself answers, it is not asked about. */
export class ResponseStep {
  readonly #settings: CommonSettings
  readonly #ask: AskResponse
  readonly #breaker: FilterBreaker | null
  readonly #context: StepContext
  readonly #telling: Telling
  /** Whether it was to be asked about the request as well, and must have let it pass. */
  readonly #isSecond: boolean

  constructor(
    settings: CommonSettings,
    ask: AskResponse,
    breaker: FilterBreaker | null,
    context: StepContext,
    isSecond: boolean
  ) {
    this.#settings = settings
    this.#ask = ask
    this.#breaker = breaker
    this.#context = context
    this.#isSecond = isSecond
    this.#telling = new Telling(settings, 'response', context)
  }

  /** The hook: `onSend`. */
  readonly run = (request: FastifyRequest, reply: FastifyReply, payload: unknown, done: SendDone): void => {
    const exchange = request.exchange as Exchange
    const { name, timeoutMs } = this.#settings
    const record = this.#context.records.of(exchange)
    if (exchange.reason !== null || (this.#isSecond && !record.passed.has(name))) {
      done(null, payload)
      return
    }
    const { clock } = this.#context.gateway
    const begunAt = clock()
    const left = Math.min(timeoutMs, remainingMs(exchange, begunAt))
    if (left <= 0) {
      this.#timeIsUp(exchange, reply, payload, done)
      return
    }
    const ticket = this.#breaker === null ? 'call' : this.#breaker.enter()
    if (ticket === null) {
      this.#failed(exchange, reply, payload, new Error('its breaker is open'), 0, done)
      return
    }
    const pending = new PendingQuestion(exchange, () => this.#breaker?.ended(ticket, 'cancelled'))
    const metadata = record.metadata?.[name] ?? null
    const response = { exchange, status: reply.statusCode, headers: responseView(reply), metadata }
    pending.ask(
      (said) => this.#ask(response, left, said),
      (error, decision) => {
        const said = error ?? decision ?? NOTHING
        this.#said(exchange, reply, payload, ticket, said, clock() - begunAt, done)
      }
    )
  }

  #said(
    exchange: Exchange,
    reply: FastifyReply,
    payload: unknown,
    ticket: Ticket,
    said: Error | ResponseDecision,
    ms: number,
    done: SendDone
  ): void {
    if (said instanceof Error && isTimeUp(exchange, this.#context.gateway.clock())) {
      this.#breaker?.ended(ticket, 'cancelled')
      this.#timeIsUp(exchange, reply, payload, done)
      return
    }
    const prepared = said instanceof Error ? said : prepare(said, exchange)
    this.#breaker?.ended(ticket, callResult(prepared))
    if (prepared instanceof Error) {
      this.#failed(exchange, reply, payload, prepared, ms, done)
      return
    }
    const { name, observe } = this.#settings
    const { metadata } = said as ResponseDecision
    if (metadata !== undefined) this.#context.records.of(exchange).note(name, metadata)
    const { answer, headers } = prepared
    const outcome = answer === null ? 'allowed' : answer.denies ? 'denied' : 'answered'
    const because = answer === null ? '' : `status ${answer.status}`
    this.#telling.decided(exchange, outcome, because, ms)
    if (observe) {
      if (outcome === 'denied') this.#telling.observed(exchange, FILTER_DENIED.name, because)
      done(null, payload)
    } else if (answer === null) {
      changeReply(headers, reply)
      done(null, payload)
    } else replaceResponse(exchange, reply, payload, answer, `filter '${name}': ${because}`, done)
  }

  // Whoever may shorten the time of a request must not get a response by the filter so.
  #timeIsUp(exchange: Exchange, reply: FastifyReply, payload: unknown, done: SendDone): void {
    const { name, observe } = this.#settings
    if (observe) done(null, payload)
    else {
      const error = new GatewayError('deadline_exceeded', { detail: `while filter '${name}' was asked` })
      discard(exchange, reply, payload, error)
      done(error)
    }
  }

  #failed(
    exchange: Exchange,
    reply: FastifyReply,
    payload: unknown,
    error: Error,
    ms: number,
    done: SendDone
  ): void {
    const refusal = this.#telling.failed(exchange, error, ms)
    if (refusal === null) done(null, payload)
    else {
      discard(exchange, reply, payload, refusal)
      done(refusal)
    }
  }
}

function prepare(said: ResponseDecision, exchange: Exchange): PreparedResponse | Error {
  try {
    return preparedResponse(said, exchange)
  } catch (error) {
    return asError(error)
  }
}

function responseView(reply: FastifyReply): Record<string, string> {
  const view: Record<string, string> = Object.create(null) as Record<string, string>
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) view[name.toLowerCase()] = wireText([value].flat().join(', '))
  return view
}
