import { type ExchangeFacts, type FactValue, printable } from '@gatewright/core'
import type { AttemptEntry, EndpointState, Entry } from './entry.js'
import type { Note } from './trail.js'

/** One attempt of a {@link Flight}. Times in milliseconds. */
export interface FlightAttempt {
  readonly endpoint: string
  /** 1 for the first. */
  readonly number: number
  /** When it began, from the beginning of the exchange. */
  readonly startMs: number
  /** Waiting in line for a connection. */
  readonly queueMs: number
  /** Opening a connection, or finding one open; `null` when it never got so far. */
  readonly connectMs: number | null
  /** From the request being sent to the head of the response; `null` when none came. */
  readonly firstByteMs: number | null
  readonly totalMs: number
  /** The upstream's status; `null` when no response came. */
  readonly status: number | null
  /** The reason it failed for; `null` when it did not. */
  readonly failure: string | null
  /** What the failure looked like to the transport; `''` for nothing. */
  readonly error: string
  /** Whether it began beside another one. */
  readonly hedge: boolean
  /** Whether its connection had served before. */
  readonly reused: boolean
  /** Whether a stale connection made it start again on a fresh one. */
  readonly reconnected: boolean
  /** Whether it was given up for something that says nothing of the endpoint. */
  readonly cancelled: boolean
}

/** Something that happened on the way. */
export interface FlightNote {
  /** Milliseconds from the beginning of the exchange. */
  readonly atMs: number
  readonly text: string
}

/** What features have found out about an exchange, by name; absent is `null`. */
type FlightFacts = { readonly [Name in keyof ExchangeFacts]: ExchangeFacts[Name] | null }

/** How an exchange went: text and numbers only, the text printable. Times in milliseconds; absent is `null`. */
export type Flight = FlightFacts & FlightRecord

/** A {@link Flight} without the facts of features. */
export interface FlightRecord {
  readonly requestId: string
  readonly method: string
  readonly path: string
  readonly host: string
  readonly client: string
  /** When it began: RFC 3339, UTC. */
  readonly startedAt: string
  readonly totalMs: number
  readonly status: number
  readonly reason: string | null
  /** What lies behind the reason; `''` for nothing. */
  readonly detail: string
  readonly route: string | null
  /** What the route matches: `/users/* on api.example for GET, HEAD`. */
  readonly pattern: string | null
  /** The policies that the route uses. */
  readonly policies: readonly string[]
  readonly pool: string | null
  /** How many attempts there were; of more than 16 only the first ones are listed. */
  readonly attemptCount: number
  readonly attempts: readonly FlightAttempt[]
  /** Retries, hedges, refusals, observed policies, breakers that changed meanwhile; in order. At most 32. */
  readonly notes: readonly FlightNote[]
  /** Milliseconds from its start to its deadline. */
  readonly deadlineMs: number | null
  /** The reason for which the route's fallback answered. */
  readonly fallback: string | null
  /** What policies in `mode: 'observe'` would have answered. */
  readonly observed: readonly string[]
  readonly bytesReceived: number
  readonly bytesSent: number
  readonly traceId: string | null
  /** Of a failure: how the pool's endpoints stood when it was over; of more than 20 only the first ones. */
  readonly endpoints: readonly EndpointState[] | null
  /** How many more endpoints the pool had. */
  readonly endpointsLeft: number
}

/** A copy of an entry for reading. */
export function flightOf(entry: Entry): Flight {
  const { startedAt, endedAt, route } = entry
  return {
    ...factsOf(entry),
    requestId: printable(entry.requestId),
    method: printable(entry.method),
    path: printable(entry.path),
    host: printable(entry.host),
    client: printable(entry.client),
    startedAt: new Date(entry.closedAt - (endedAt - startedAt)).toISOString(),
    totalMs: microseconds(endedAt - startedAt),
    status: entry.status,
    reason: entry.reason,
    detail: printable(entry.detail),
    route: route === null ? null : printable(route.id),
    pattern: route === null ? null : printable(route.pattern),
    policies: route?.policies.map((id) => printable(id)) ?? [],
    pool: entry.pool === null ? null : printable(entry.pool),
    attemptCount: entry.attemptCount,
    attempts: entry.attempts.map((attempt) => attemptOf(attempt, entry)),
    notes: entry.notes.map((note) => noteOf(note, startedAt)),
    deadlineMs: entry.deadlineAt === 0 ? null : microseconds(entry.deadlineAt - startedAt),
    fallback: entry.fallback,
    observed: [...(entry.observed ?? [])],
    bytesReceived: entry.bytesReceived,
    bytesSent: entry.bytesSent,
    traceId: entry.traceId === '' ? null : printable(entry.traceId),
    endpoints: entry.endpoints?.map((state) => ({ ...state, url: printable(state.url) })) ?? null,
    endpointsLeft: entry.endpointsLeft
  }
}

function factsOf({ facts, factValues }: Entry): FlightFacts {
  const known = facts.map(({ name }, index) => [name, shown(factValues[index])])
  return Object.fromEntries(known) as FlightFacts
}

/** The sentences that features provide for their facts. */
export function factNotesOf({ facts, factValues }: Entry): string[] {
  return facts.flatMap(({ note }, index) => {
    const value = shown(factValues[index])
    const text = note === undefined || value === null ? '' : printable(note(value))
    return text === '' ? [] : [text]
  })
}

function shown(value: FactValue = null): FactValue {
  return typeof value === 'string' ? printable(value) : value
}

function attemptOf(attempt: AttemptEntry, { startedAt, endedAt }: Entry): FlightAttempt {
  const end = Math.min(attempt.endedAt || endedAt, endedAt)
  const { dispatchedAt, sentAt, headAt } = attempt
  return {
    endpoint: printable(attempt.endpoint),
    number: attempt.number,
    startMs: microseconds(attempt.startedAt - startedAt),
    queueMs: microseconds((dispatchedAt || end) - attempt.startedAt),
    connectMs: dispatchedAt === 0 ? null : microseconds((sentAt || end) - dispatchedAt),
    firstByteMs: headAt === 0 || sentAt === 0 ? null : microseconds(headAt - sentAt),
    totalMs: microseconds(end - attempt.startedAt),
    status: attempt.status === 0 ? null : attempt.status,
    failure: attempt.failure,
    error: printable(attempt.error),
    hedge: attempt.hedge,
    reused: attempt.reused,
    reconnected: attempt.reconnected,
    cancelled: attempt.cancelled
  }
}

function noteOf({ at, text }: Note, startedAt: number): FlightNote {
  return { atMs: microseconds(at - startedAt), text: printable(text) }
}

function microseconds(ms: number): number {
  return Math.round(ms * 1_000) / 1_000
}
