import { type Exchange, type Gateway, GatewayError, type Reason, toldError } from '@gatewright/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { answerRequest } from './answering.js'
import type { AskRequest } from './backend.js'
import type { FilterBreaker, Ticket } from './breaker.js'
import { changeRequest } from './changes.js'
import type { FilterRequest, Outcome, RequestDecision } from './filter.js'
import { dropForged } from './forged.js'
import { PendingQuestion } from './pending-question.js'
import { type PreparedDecision, preparedDecision } from './prepared-decision.js'
import { FILTER_DENIED, FILTER_UNAVAILABLE } from './reasons.js'
import type { FilterRecord, FilterRecords } from './record.js'
import { remainingMs } from './remaining.js'
import { readBodyFor } from './request-body.js'
import type { CommonSettings } from './settings.js'
import { upstreamView } from './upstream-view.js'

type Done = (error?: Error) => void
type Body = Pick<FilterRequest, 'body' | 'isPartial'>

/** What the steps of all filters share. */
export interface StepContext {
  readonly gateway: Gateway
  readonly records: FilterRecords
}

const NO_BODY: Body = { body: null, isPartial: false }
const NOTHING: RequestDecision = {}

/** A filter as requests of a route meet it: asked, its answer checked, carried out and told of. */
export class FilterStep {
  readonly settings: CommonSettings
  readonly #ask: AskRequest
  readonly #breaker: FilterBreaker | null
  readonly #context: StepContext

  constructor(
    settings: CommonSettings,
    ask: AskRequest,
    breaker: FilterBreaker | null,
    context: StepContext
  ) {
    this.settings = settings
    this.#ask = ask
    this.#breaker = breaker
    this.#context = context
  }

  /** The hook: `onRequest`, or `preHandler` for one that gets the body. */
  readonly run = (request: FastifyRequest, reply: FastifyReply, done: Done): void => {
    const exchange = request.exchange as Exchange
    const { body, writes, observe } = this.settings
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
    const { clock } = this.#context.gateway
    const begunAt = clock()
    const left = remainingMs(exchange, begunAt)
    if (left <= 0) {
      done(
        new GatewayError('deadline_exceeded', { detail: `before filter '${this.settings.name}' was asked` })
      )
      return
    }
    const ticket = this.#breaker === null ? 'call' : this.#breaker.enter()
    if (ticket === null) {
      this.#failed(exchange, new Error('its breaker is open'), 0, done)
      return
    }
    const pending = new PendingQuestion(exchange, () => this.#breaker?.ended(ticket, 'cancelled'))
    const request = { exchange, headers: upstreamView(exchange), ...body }
    pending.begin(
      this.#ask(request, Math.min(left, this.settings.timeoutMs), (error, decision) => {
        if (pending.end())
          this.#said(exchange, reply, ticket, error ?? decision ?? NOTHING, clock() - begunAt, done)
      })
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
    const record = this.#context.records.of(exchange)
    const prepared = said instanceof Error ? said : this.#prepared(said, exchange, record)
    this.#breaker?.ended(ticket, prepared instanceof Error ? 'failed' : 'answered')
    if (prepared instanceof Error) {
      this.#failed(exchange, prepared, ms, done)
      return
    }
    const { metadata } = said as RequestDecision
    if (metadata !== undefined) record.note(this.settings.name, metadata)
    this.#carryOut(exchange, reply, record, prepared, ms, done)
  }

  #prepared(said: RequestDecision, exchange: Exchange, record: FilterRecord): PreparedDecision | Error {
    try {
      return preparedDecision(said, exchange, { writes: this.settings.writes, byFilters: record.written })
    } catch (error) {
      return error instanceof Error ? error : new Error(toldError(error))
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
    const { name, observe } = this.settings
    const outcome = answer === null ? 'allowed' : answer.denies ? 'denied' : 'answered'
    const because = answer === null ? '' : `status ${answer.status}`
    this.#tell(exchange, outcome, because, ms)
    if (observe) {
      if (outcome === 'denied') this.#observed(exchange, FILTER_DENIED.name, because)
      done()
      return
    }
    if (answer !== null) {
      answerRequest(exchange, reply, answer, `filter '${name}': ${because}`, done)
      return
    }
    changeRequest(headers, exchange)
    for (const change of headers) record.written.add(change.name)
    record.responseChanges.push(...responseHeaders)
    if (query !== null) exchange.upstreamQuery = query
    done()
  }

  #failed(exchange: Exchange, error: Error, ms: number, done: Done): void {
    const { name, observe, failOpen } = this.settings
    const because = error.message
    this.#tell(exchange, 'failed', because, ms)
    if (observe) this.#observed(exchange, FILTER_UNAVAILABLE.name, because)
    if (observe || failOpen) done()
    else done(new GatewayError(FILTER_UNAVAILABLE, { detail: `filter '${name}': ${because}`, cause: error }))
  }

  #tell(exchange: Exchange, outcome: Outcome, because: string, ms: number): void {
    const { name: filter, observe: observed } = this.settings
    const { gateway, records } = this.#context
    records.of(exchange).verdicts.push({ filter, outcome, observed })
    gateway.events.emit('filter', { exchange, filter, phase: 'request', outcome, observed, because, ms })
  }

  #observed(exchange: Exchange, reason: Reason, because: string): void {
    exchange.observe(reason)
    this.#context.gateway.events.emit('observed', {
      exchange,
      reason,
      because: `filter '${this.settings.name}': ${because}`
    })
  }
}
