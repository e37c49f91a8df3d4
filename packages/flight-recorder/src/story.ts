import type { FlightAttempt, FlightRecord } from './flight.js'

/** How an exchange went, in a few plain lines; `facts` are what features say of it. Times count from its beginning. Pure. */
export function storyOf(flight: FlightRecord, facts: readonly string[] = []): string {
  return [
    outcome(flight),
    `From ${flight.client || 'a client without an address'} for host ${flight.host || '(none)'}: ${flight.bytesReceived} bytes received, ${flight.bytesSent} bytes sent.`,
    way(flight),
    ...course(flight),
    ...(flight.detail === '' ? [] : [`Behind it: ${flight.detail}`]),
    ...circumstances(flight, facts),
    ...endpoints(flight)
  ].join('\n')
}

function outcome({
  method,
  path,
  status,
  reason,
  totalMs,
  requestId,
  startedAt,
  traceId
}: FlightRecord): string {
  const why = reason === null ? '' : ` ${reason}`
  const trace = traceId === null ? '' : `, trace ${traceId}`
  return `${method} ${path} → ${status}${why} after ${ms(totalMs)} (request ${requestId}, ${startedAt}${trace})`
}

function way({ route, pattern, pool, policies }: FlightRecord): string {
  if (route === null) return 'No route was matched.'
  const to = pool === null ? 'no pool' : `pool ${pool}`
  const used = policies.length === 0 ? '' : `, with ${policies.join(', ')}`
  return `Route ${route} (${pattern}) → ${to}${used}.`
}

// Attempts and notes in order. A start precedes its notes.
function course({ attempts, attemptCount, notes }: FlightRecord): string[] {
  const lines = [
    ...attempts.map((attempt) => ({ at: attempt.startMs, text: told(attempt) })),
    ...notes.map(({ atMs, text }) => ({ at: atMs, text }))
  ].sort((one, other) => one.at - other.at)
  const left = attemptCount - attempts.length
  return [
    ...lines.map(({ at, text }) => `  +${ms(at)} ${text}`),
    ...(left > 0 ? [`  and ${left} more attempts`] : [])
  ]
}

function told(attempt: FlightAttempt): string {
  const { number, endpoint, hedge, error } = attempt
  const why = error === '' ? '' : `: ${error}`
  return `attempt ${number}${hedge ? ', a hedge,' : ''} at ${endpoint} ${ending(attempt)} (${phases(attempt)})${why}`
}

function ending({ failure, status, cancelled, totalMs }: FlightAttempt): string {
  const after = `after ${ms(totalMs)}`
  if (failure !== null) return `failed: ${failure} ${after}`
  if (cancelled) return `was given up ${after}`
  return status === null ? `had no answer ${after}` : `answered ${status} ${after}`
}

function phases({ queueMs, connectMs, firstByteMs, reused, reconnected }: FlightAttempt): string {
  return [
    `queue ${ms(queueMs)}`,
    ...(connectMs === null ? [] : [`connect ${ms(connectMs)}`]),
    ...(firstByteMs === null ? [] : [`first byte ${ms(firstByteMs)}`]),
    ...(reused ? ['on a connection that was open'] : []),
    ...(reconnected ? ['sent again as the connection was stale'] : [])
  ].join(', ')
}

function circumstances({ deadlineMs, fallback, observed }: FlightRecord, facts: readonly string[]): string[] {
  return [
    ...(fallback === null ? [] : [`The route's fallback answered, for ${fallback}.`]),
    ...facts,
    ...(deadlineMs === null ? [] : [`It had to be over within ${ms(deadlineMs)}.`]),
    ...(observed.length === 0 ? [] : [`Only observed, not enforced: ${observed.join(', ')}.`])
  ]
}

function endpoints({ endpoints, endpointsLeft, pool }: FlightRecord): string[] {
  if (endpoints === null) return []
  if (endpoints.length === 0) return [`Pool ${pool} had no endpoints then.`]
  return [
    `Endpoints of pool ${pool} then:`,
    ...endpoints.map(
      ({ url, health, weight, draining, inFlight }) =>
        `  ${url} ${draining ? 'draining, ' : ''}health ${health}, weight ${weight}, ${inFlight} in flight`
    ),
    ...(endpointsLeft > 0 ? [`  and ${endpointsLeft} more`] : [])
  ]
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`
}
