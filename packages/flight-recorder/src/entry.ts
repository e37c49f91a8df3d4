import type { AttemptRecord, Endpoint, Exchange, Fact, FactValue, Pool } from '@gatewright/core'
import type { RouteFacts } from './route-facts.js'
import type { Note, Trail } from './trail.js'

/** An endpoint as it stood when a request failed. */
export interface EndpointState {
  readonly url: string
  readonly health: string
  readonly weight: number
  readonly draining: boolean
  /** Attempts under way there. */
  readonly inFlight: number
}

/** The record of an attempt: text and numbers only, so that it holds nothing of the exchange in memory. */
export class AttemptEntry {
  endpoint = ''
  number = 0
  startedAt = 0
  dispatchedAt = 0
  sentAt = 0
  headAt = 0
  endedAt = 0
  status = 0
  failure: string | null = null
  error = ''
  hedge = false
  reused = false
  reconnected = false
  cancelled = false

  fill(attempt: AttemptRecord): void {
    this.endpoint = attempt.endpoint.name
    this.number = attempt.number
    this.startedAt = attempt.startedAt
    this.dispatchedAt = attempt.dispatchedAt
    this.sentAt = attempt.sentAt
    this.headAt = attempt.headAt
    this.endedAt = attempt.endedAt
    this.status = attempt.status
    this.failure = attempt.failure
    this.error = attempt.failure === null ? '' : textOf(attempt.error)
    this.hedge = attempt.hedge
    this.reused = attempt.reused
    this.reconnected = attempt.reconnected
    this.cancelled = attempt.cancelled
  }
}

const NO_NOTES: readonly Note[] = []
const NO_FACTS: readonly Fact[] = []
const MOST_ATTEMPTS = 16
const MOST_ENDPOINTS = 20
const LONGEST = 512

/** The record of an ended exchange. It is reused for a later one, so its times and text are raw. */
export class Entry {
  requestId = ''
  method = ''
  path = ''
  host = ''
  client = ''
  route: RouteFacts | null = null
  pool: string | null = null
  status = 0
  reason: string | null = null
  detail = ''
  /** Milliseconds of the gateway's clock. */
  startedAt = 0
  endedAt = 0
  deadlineAt = 0
  /** When it was over, in milliseconds since the epoch. */
  closedAt = 0
  bytesReceived = 0
  bytesSent = 0
  traceId = ''
  fallback: string | null = null
  observed: readonly string[] | null = null
  /** What features have found out, and the values of it, in the same order. */
  facts: readonly Fact[] = NO_FACTS
  readonly factValues: FactValue[] = []
  /** How many attempts there were; only the first of many are kept. */
  attemptCount = 0
  readonly attempts: AttemptEntry[] = []
  notes: readonly Note[] = NO_NOTES
  /** The pool's endpoints, of a failure. */
  endpoints: readonly EndpointState[] | null = null
  /** How many more endpoints the pool had. */
  endpointsLeft = 0

  fill(exchange: Exchange, route: RouteFacts | null, trail: Trail | undefined, closedAt: number): void {
    const { ingress } = exchange
    this.requestId = exchange.id
    this.method = exchange.method
    this.path = pathOf(exchange)
    this.host = ingress.host
    this.client = ingress.client
    this.route = route
    this.pool = exchange.pool?.id ?? null
    this.status = exchange.status
    this.reason = exchange.reason
    this.detail = clipped(exchange.detail)
    this.startedAt = exchange.startedAt
    this.endedAt = exchange.endedAt
    this.deadlineAt = exchange.deadlineAt
    this.closedAt = closedAt
    this.bytesReceived = exchange.bytesReceived
    this.bytesSent = exchange.bytesSent
    this.traceId = exchange.traceId
    this.fallback = exchange.fallback
    this.observed = exchange.observed
    this.notes = trail?.notes ?? NO_NOTES
    this.endpoints = null
    this.endpointsLeft = 0
    this.#fillFacts(exchange)
    this.#fillAttempts(exchange.attempts)
  }

  /** Keeps how the pool stood, for a failure. */
  fillEndpoints({ endpoints }: Pool): void {
    this.endpoints = endpoints.slice(0, MOST_ENDPOINTS).map(stateOf)
    this.endpointsLeft = Math.max(0, endpoints.length - MOST_ENDPOINTS)
  }

  #fillFacts(exchange: Exchange): void {
    const { facts } = exchange.snapshot
    this.facts = facts
    this.factValues.length = 0
    for (const { read } of facts) {
      const value = read(exchange)
      this.factValues.push(typeof value === 'string' ? clipped(value) : value)
    }
  }

  #fillAttempts(attempts: readonly AttemptRecord[]): void {
    const { length } = attempts
    this.attemptCount = length
    if (this.attempts.length > length) this.attempts.length = length
    for (let index = 0; index < length && index < MOST_ATTEMPTS; index++) {
      const attempt = attempts[index] as AttemptRecord
      let entry = this.attempts[index]
      if (entry === undefined) {
        entry = new AttemptEntry()
        this.attempts.push(entry)
      }
      entry.fill(attempt)
    }
  }
}

function stateOf({ name, health, weight, draining, inFlight }: Endpoint): EndpointState {
  return { url: name, health, weight, draining, inFlight }
}

// The path is a substring of the target, which it would keep in memory as a whole.
function pathOf({ path, query }: Exchange): string {
  return path.length + query.length > LONGEST ? copied(path) : path
}

function clipped(text: string): string {
  return text.length > LONGEST ? copied(text) : text
}

function copied(text: string): string {
  const piece = text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text
  return Buffer.from(piece).toString()
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  return clipped(error.message || String((error as { code?: unknown }).code ?? error.name))
}
