import { type Exchange, type Gateway, GatewayError, type Reason } from '@gatewright/core'
import { type Invalid, type Part, shown } from './invalid.js'
import { REQUEST_INVALID, RESPONSE_INVALID } from './reasons.js'

/** What was found to be wrong: told of, noted of its exchange, and made a response of where it is enforced. */
export class Findings {
  readonly #gateway: Pick<Gateway, 'events' | 'faults'>
  readonly #slot: number

  constructor(gateway: Pick<Gateway, 'events' | 'faults' | 'claimSlot'>) {
    this.#gateway = gateway
    this.#slot = gateway.claimSlot()
  }

  /** The first problem of an exchange; `null` for none. */
  firstOf(exchange: Exchange): string | null {
    return (exchange.slot(this.#slot) as string | undefined) ?? null
  }

  /** A part of a request is not valid. Returns the response; `null` where it is only observed. */
  request(exchange: Exchange, problems: readonly Invalid[], observe: boolean): GatewayError | null {
    const because = this.#found(exchange, problems)
    if (observe) {
      this.#observed(exchange, REQUEST_INVALID.name, because)
      return null
    }
    return new GatewayError(REQUEST_INVALID, { detail: because, members: { errors: problems } })
  }

  /** A response is not valid. */
  response(exchange: Exchange, problems: readonly Invalid[], observe: boolean): GatewayError | null {
    const because = this.#found(exchange, problems)
    if (!observe) return new GatewayError(RESPONSE_INVALID, { detail: because })
    this.#observed(exchange, RESPONSE_INVALID.name, because)
    const route = exchange.route?.id ?? ''
    this.#gateway.faults.warn(`a response of route '${route}'`, `is not valid: ${because}`, undefined)
    return null
  }

  /** A part could not be checked. */
  unchecked(exchange: Exchange, part: Part, because: string): void {
    this.#gateway.events.emit('validation', { exchange, part, outcome: 'unchecked', because })
  }

  #found(exchange: Exchange, problems: readonly Invalid[]): string {
    const [first] = problems as readonly [Invalid]
    const because = shown(first)
    if (this.firstOf(exchange) === null) exchange.setSlot(this.#slot, because)
    this.#gateway.events.emit('validation', { exchange, part: first.in, outcome: 'invalid', because })
    return because
  }

  #observed(exchange: Exchange, reason: Reason, because: string): void {
    exchange.observe(reason)
    this.#gateway.events.emit('observed', { exchange, reason, because })
  }
}
