import { durationMs } from '@gatewright/core'
import type { SimulatedService } from '@gatewright/testing'
import { type Input, UsageError } from '../command.js'

/** What load is put on the pool, and how its endpoints work. */
export interface SimulationPlan {
  readonly perSecond: number
  readonly durationMs: number
  readonly method: string
  readonly service: readonly SimulatedService[]
  readonly seed: number
  /** The least part of good responses that is success, from 0 to 1. */
  readonly leastGood: number | undefined
}

/** So many requests are simulated in about a minute. */
const MOST_REQUESTS = 2_000_000

/** Reads the flags that do not need the configuration. Throws a {@link UsageError}. */
export function readPlan(input: Input): SimulationPlan {
  const perSecond = input.integer('rate', 1, 100_000) ?? 100
  const durationMs = duration('for', input.text('for') ?? '60s', 1_000, 24 * 3_600_000)
  if ((perSecond * durationMs) / 1_000 > MOST_REQUESTS)
    throw new UsageError(`--rate and --for: at most ${MOST_REQUESTS.toLocaleString('en')} requests in all`)
  const capacity = input.integer('capacity', 1, 1_000_000)
  const service = (input.texts('service').length === 0 ? ['10ms'] : input.texts('service')).map((text) => ({
    ...readService(text),
    ...(capacity === undefined ? {} : { capacity })
  }))
  const good = input.text('least-good')
  return {
    perSecond,
    durationMs,
    method: (input.text('method') ?? 'GET').toUpperCase(),
    service,
    seed: input.integer('seed', 0, 2 ** 31) ?? 1,
    leastGood: good === undefined ? undefined : percent('least-good', good)
  }
}

// `20ms`, or with the 99th percentile `20ms,200ms`.
function readService(text: string): SimulatedService {
  const [median = '', p99, ...more] = text.split(',')
  if (more.length > 0) throw new UsageError(`--service: '${text}' must be MEDIAN or MEDIAN,P99`)
  const medianMs = duration('service', median, 1, 3_600_000)
  if (p99 === undefined) return { medianMs }
  const p99Ms = duration('service', p99, 1, 3_600_000)
  if (p99Ms < medianMs) throw new UsageError(`--service: '${text}' has a 99th percentile below its median`)
  return { medianMs, p99Ms }
}

function duration(name: string, text: string, least: number, most: number): number {
  const ms = durationMs(text)
  if (ms !== undefined && ms >= least && ms <= most) return ms
  throw new UsageError(`--${name}: '${text}' must be a duration from ${least} ms to ${most / 3_600_000} h`)
}

function percent(name: string, text: string): number {
  const [, number] = /^(\d+(?:\.\d+)?)%?$/.exec(text) ?? []
  if (number !== undefined && Number(number) <= 100) return Number(number) / 100
  throw new UsageError(`--${name}: '${text}' must be a percentage from 0 to 100, such as 99.9`)
}
