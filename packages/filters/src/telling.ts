import type { Exchange, Gateway, Reason } from '@gatewright/core'
import { GatewayError } from '@gatewright/core'
import type { CallResult } from './breaker.js'
import type { Outcome } from './filter.js'
import { InvalidDecisionError } from './invalid-decision.js'
import { FILTER_UNAVAILABLE } from './reasons.js'
import type { FilterRecords } from './record.js'
import type { CommonSettings } from './settings.js'

/** What the steps of all filters share. */
export interface StepContext {
  readonly gateway: Gateway
  readonly records: FilterRecords
}

/** How a call that has ended so is counted by its breaker: an answer that cannot be used is one. */
export function callResult(result: unknown): CallResult {
  return result instanceof Error && !(result instanceof InvalidDecisionError) ? 'failed' : 'answered'
}

/** Notes and tells what a filter has decided in one phase. */
export class Telling {
  readonly #settings: CommonSettings
  readonly #phase: 'request' | 'response'
  readonly #context: StepContext

  constructor(settings: CommonSettings, phase: 'request' | 'response', context: StepContext) {
    this.#settings = settings
    this.#phase = phase
    this.#context = context
  }

  decided(exchange: Exchange, outcome: Outcome, because: string, ms: number): void {
    const { name: filter, observe: observed } = this.#settings
    const { gateway, records } = this.#context
    const phase = this.#phase
    records.of(exchange).verdicts.push({ filter, phase, outcome, observed })
    gateway.events.emit('filter', { exchange, filter, phase, outcome, observed, because, ms })
  }

  /** What it would have done. */
  observed(exchange: Exchange, reason: Reason, because: string): void {
    exchange.observe(reason)
    const told = `filter '${this.#settings.name}': ${because}`
    this.#context.gateway.events.emit('observed', { exchange, reason, because: told })
  }

  /**
   * It has given no usable answer. Returns what the client gets; `null` where the request goes on, which it does not where the
   * filter has spoken and cannot be understood.
   */
  failed(exchange: Exchange, error: Error, ms: number): GatewayError | null {
    const { name, observe, failOpen } = this.#settings
    this.decided(exchange, 'failed', error.message, ms)
    if (observe) this.observed(exchange, FILTER_UNAVAILABLE.name, error.message)
    if (observe || (failOpen && !(error instanceof InvalidDecisionError))) return null
    return new GatewayError(FILTER_UNAVAILABLE, {
      detail: `filter '${name}': ${error.message}`,
      cause: error
    })
  }
}
