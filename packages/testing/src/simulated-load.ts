import type { AttemptRecord, BalancingPolicy, Candidates, Endpoint, Exchange } from '@gatewright/core'
import { fakeAttempt } from './fake-attempt.js'
import { fakeExchange } from './fake-exchange.js'
import { type VirtualClock, virtualClock } from './virtual-clock.js'

/** Clients that each send their next request as soon as they have the response to the last one. */
export interface SimulatedLoad {
  /** How many requests in all. */
  readonly requests: number
  /** How many clients, and so requests in flight. Default 1. */
  readonly concurrency?: number
  /** The clock that the policy reads; it is moved along. Default: one of its own. */
  readonly time?: VirtualClock
  /** The request of that number, from 0. Default: always the same plain GET. */
  readonly request?: (n: number) => Exchange
  /** How an endpoint answers, and after how many milliseconds. Default: 200 after 10 ms. */
  readonly answer?: (endpoint: Endpoint) => SimulatedResponse
}

/** A response: `ms` after the request, with changes to the record of a success. */
export interface SimulatedResponse extends Partial<AttemptRecord> {
  readonly ms: number
}

/**
 * Puts a policy under load in virtual time, as the forwarder would: endpoints count requests in flight and
 * the policy is notified of every attempt. Every response is awaited.
 *
 * @returns the endpoints that were picked, in order.
 */
export function simulateLoad(
  policy: BalancingPolicy,
  candidates: Candidates,
  load: SimulatedLoad
): Endpoint[] {
  const { requests, concurrency = 1, time = virtualClock(), answer = () => ({ ms: 10 }) } = load
  const { request = () => exchange } = load
  const exchange = fakeExchange()
  const picked: Endpoint[] = []
  const running: { readonly exchange: Exchange; readonly attempt: AttemptRecord }[] = []

  function start(exchange: Exchange): void {
    const endpoint = policy.pick(candidates, exchange)
    picked.push(endpoint)
    policy.started?.(endpoint, exchange)
    endpoint.inFlight++
    endpoint.started++
    const { ms, ...changes } = answer(endpoint)
    const startedAt = time.now()
    const over = { startedAt, headAt: startedAt + ms, endedAt: startedAt + ms }
    running.push({ exchange, attempt: fakeAttempt(endpoint, { ...over, ...changes }) })
  }

  function finish(): void {
    running.sort((a, b) => b.attempt.endedAt - a.attempt.endedAt)
    const { exchange, attempt } = running.pop() as (typeof running)[number]
    time.advance(Math.max(0, attempt.endedAt - time.now()))
    attempt.endpoint.inFlight--
    policy.ended?.(attempt, exchange)
  }

  while (picked.length < requests) {
    if (running.length >= concurrency) finish()
    start(request(picked.length))
  }
  while (running.length > 0) finish()
  return picked
}

/** How often each candidate occurs among the picked, in the order of the candidates. */
export function tally(picked: readonly Endpoint[], candidates: Candidates): number[] {
  return candidates.map((candidate) => picked.filter((endpoint) => endpoint === candidate).length)
}
