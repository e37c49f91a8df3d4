import type { Pool } from '@gatewright/core'
import type { SimulationResult } from '@gatewright/testing'
import { columns } from '../layout.js'
import type { SimulationPlan } from './plan.js'

const MOST_EVENTS = 30
const MOST_ROWS = 20

/** What came of a simulation, as text. */
export function textOf(
  result: SimulationResult,
  pool: Pool,
  { perSecond, durationMs }: SimulationPlan
): string {
  const { requests, attempts, amplification, goodput, p50Ms, p99Ms } = result
  const facts: [string, string][] = [
    ['pool', `${pool.id}, ${plural(pool.endpoints.length, 'endpoint')}`],
    ['requests', `${requests} in ${durationMs / 1_000} s, ${perSecond} a second; nothing was sent`],
    ['good', `${percent(goodput)} below 500`],
    ['statuses', counts(result.statuses)],
    ['attempts', `${attempts}, ${amplification.toFixed(3)} a request`],
    [
      'times',
      goodput === 0
        ? 'none was good'
        : `p50 ${Math.round(p50Ms)} ms, p99 ${Math.round(p99Ms)} ms, of what was good`
    ]
  ]
  const add = (name: string, text: string): void => {
    if (text !== '') facts.push([name, text])
  }
  add('reasons', counts(result.reasons))
  add('hedges', counts(result.hedges))
  add('unanswered', result.unanswered === 0 ? '' : String(result.unanswered))
  pool.endpoints.forEach((endpoint, index) => {
    const share = sum(result.timeline.map(({ byEndpoint }) => byEndpoint[index] ?? 0)) / Math.max(1, attempts)
    facts.push([`endpoint ${index}`, `${endpoint.url}  ${percent(share)} of the attempts`])
  })
  const told = eventsOf(result)
  for (const { atMs, text } of told.slice(0, MOST_EVENTS))
    facts.push([`${(atMs / 1_000).toFixed(1)} s`, text])
  if (told.length > MOST_EVENTS) facts.push(['…', `${told.length - MOST_EVENTS} events more`])
  return `${columns(facts)}\n\n${timelineOf(result)}`
}

/** The same as data. Events name endpoints by URL. */
export function jsonOf(result: SimulationResult, pool: Pool): object {
  const { of: _of, ejections: _ejections, health: _health, breaker: _breaker, errors, ...rest } = result
  return {
    pool: pool.id,
    endpoints: pool.endpoints.map(({ url }) => url),
    ...rest,
    events: eventsOf(result),
    errors: errors.map(String)
  }
}

function eventsOf({ health, breaker }: SimulationResult): { readonly atMs: number; readonly text: string }[] {
  return [
    ...health.map(({ atMs, endpoint, to, because }) => ({
      atMs,
      text: `${endpoint.url} is ${to}: ${because}`
    })),
    ...breaker.map(({ atMs, routeId, to, because }) => ({
      atMs,
      text: `the breaker of ${routeId === null ? 'the pool' : `route '${routeId}'`} is ${to}: ${because}`
    }))
  ].sort((a, b) => a.atMs - b.atMs)
}

// At most twenty rows, of equal length but for the last one.
function timelineOf({ timeline }: SimulationResult): string {
  const length = Math.ceil(timeline.length / MOST_ROWS)
  const rows = Array.from({ length: Math.ceil(timeline.length / length) }, (_, row) => {
    const seconds = timeline.slice(row * length, (row + 1) * length)
    const total = (of: 'requests' | 'good' | 'failed' | 'attempts') =>
      sum(seconds.map((second) => second[of]))
    const p99 = Math.round(Math.max(...seconds.map(({ p99Ms }) => p99Ms)))
    return [row * length, total('requests'), total('good'), total('failed'), total('attempts'), p99]
  })
  return [['from s', 'requests', 'good', 'failed', 'attempts', 'p99 ms'], ...rows]
    .map((row) => `${row.map((cell) => String(cell).padStart(9)).join('')}\n`)
    .join('')
}

function counts(of: Readonly<Record<string, number>>): string {
  return Object.entries(of)
    .map(([name, count]) => `${name}: ${count}`)
    .join(', ')
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function percent(part: number): string {
  return `${(part * 100).toFixed(2)} %`
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0)
}
