import { type Exchange, GatewayError } from '@gatewright/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { answerRequest } from './answering.js'
import { asError } from './as-error.js'
import type { AskRequest } from './backend.js'
import type { FilterBreaker, Ticket } from './breaker.js'
import { changeRequest } from './changes.js'
import type { FilterRequest, RequestDecision } from './filter.js'
import { dropForged } from './forged.js'
import { PendingQuestion } from './pending-question.js'
import { type PreparedDecision, preparedDecision } from './prepared-decision.js'
import { FILTER_DENIED } from './reasons.js'
import type { FilterRecord } from './record.js'
import { isTimeUp, remainingMs } from './remaining.js'
import { readBodyFor } from './request-body.js'
import type { CommonSettings } from './settings.js'
import { callResult, type StepContext, Telling } from './telling.js'
import { upstreamView } from './upstream-view.js'

type Done = (error?: Error) => void
type Body = Pick<FilterRequest, 'body' | 'isPartial'>

const NO_BODY: Body = { body: null, isPartial: false }
const NOTHING: RequestDecision = {}

/** A filter as requests of a route meet it: asked, its answer checked, carried out and told of. */
export class FilterStep {
  readonly #settings: CommonSettings
  readonly #ask: AskRequest
  readonly #breaker: FilterBreaker | null
  readonly #context: StepContext
  readonly #telling: Telling

  constructor(
    settings: CommonSettings,
    ask: AskRequest,
    breaker: FilterBreaker | null,
    context: StepContext
  ) {
    this.#settings = settings
    this.#ask = ask
    this.#breaker = breaker
    this.#context = context
    this.#telling = new Telling(settings, 'request', context)
  }

  /** The hook: `onRequest`, or `preHandler` for one that gets the body. */
  readonly run = (request: FastifyRequest, reply: FastifyReply, done: Done): void => {
    const exchange = request.exchange as Exchange
    const { body, writes, observe } = this.#settings
    if (writes.size > 0 && !observe) dropForged(exchange, writes, this.#context.records.of(exchange).written)
    if (body === null) this.#begin(exchange, reply, NO_BODY, done)
    else
      readBodyFor(exchange, body.maxBytes, body.partial).then(
        (read) => this.#begin(exchange, reply, read, done),
        (error: Error) => done(error)
      )
  }

  #begin(exchange: Exchange, reply: FastifyReply, body: Body, done: Done): void {
    // Its client has left while the body was read.
    if (exchange.endedAt !== 0) return
    const { name, timeoutMs } = this.#settings
    const { clock } = this.#context.gateway
    const begunAt = clock()
    const left = remainingMs(exchange, begunAt)
    if (left <= 0) {
      done(new GatewayError('deadline_exceeded', { detail: `before filter '${name}' was asked` }))
      return
    }
    const ticket = this.#breaker === null ? 'call' : this.#breaker.enter()
    if (ticket === null) {
      this.#failed(exchange, new Error('its breaker is open'), 0, done)
      return
    }
    const pending = new PendingQuestion(exchange, () => this.#breaker?.ended(ticket, 'cancelled'))
    pending.ask(
      (said) => {
        const request = { exchange, headers: upstreamView(exchange), ...body }
        return this.#ask(request, Math.min(left, timeoutMs), said)
      },
      (error, decision) =>
        this.#said(exchange, reply, ticket, error ?? decision ?? NOTHING, clock() - begunAt, done)
    )
  }

  #said(
    exchange: Exchange,
    reply: FastifyReply,
    ticket: Ticket,
    said: Error | RequestDecision,
    ms: number,
    done: Done
  ): void {
    const { gateway, records } = this.#context
    const { name, observe } = this.#settings
    if (said instanceof Error && isTimeUp(exchange, gateway.clock())) {
      this.#breaker?.ended(ticket, 'cancelled')
      if (observe) done()
      else done(new GatewayError('deadline_exceeded', { detail: `while filter '${name}' was asked` }))
      return
    }
    const record = records.of(exchange)
    const prepared = said instanceof Error ? said : this.#prepared(said, exchange, record)
    this.#breaker?.ended(ticket, callResult(prepared))
    if (prepared instanceof Error) this.#failed(exchange, prepared, ms, done)
    else {
      const { metadata } = said as RequestDecision
      if (metadata !== undefined) record.note(name, metadata)
      this.#carryOut(exchange, reply, record, prepared, ms, done)
    }
  }

  #prepared(said: RequestDecision, exchange: Exchange, record: FilterRecord): PreparedDecision | Error {
    try {
      return preparedDecision(said, exchange, { writes: this.#settings.writes, byFilters: record.written })
    } catch (error) {
      return asError(error)
    }
  }

  #carryOut(
    exchange: Exchange,
    reply: FastifyReply,
    record: FilterRecord,
    { answer, headers, responseHeaders, query }: PreparedDecision,
    ms: number,
    done: Done
  ): void {
    const { name, observe } = this.#settings
    const outcome = answer === null ? 'allowed' : answer.denies ? 'denied' : 'answered'
    const because = answer === null ? '' : `status ${answer.status}`
    this.#telling.decided(exchange, outcome, because, ms)
    if (observe || answer === null) record.passed.add(name)
    if (observe) {
      if (outcome === 'denied') this.#telling.observed(exchange, FILTER_DENIED.name, because)
      done()
    } else if (answer !== null) {
      answerRequest(exchange, reply, answer, `filter '${name}': ${because}`, done)
    } else {
      changeRequest(headers, exchange)
      for (const change of headers) record.written.add(change.name)
      record.responseChanges.push(...responseHeaders)
      if (query !== null) exchange.upstreamQuery = query
      done()
    }
  }

  #failed(exchange: Exchange, error: Error, ms: number, done: Done): void {
    const refusal = this.#telling.failed(exchange, error, ms)
    if (refusal === null) done()
    else done(refusal)
  }
}
