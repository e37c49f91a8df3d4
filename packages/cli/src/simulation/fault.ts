import { durationMs } from '@gatewright/core'
import type { SimulatedFault } from '@gatewright/testing'
import { UsageError } from '../command.js'

/** How a fault is written: `KIND[=VALUE][:ENDPOINT][@FROM[-UNTIL]]`. */
export const FAULT_FORM = 'KIND[=VALUE][:ENDPOINT][@FROM[-UNTIL]]'

const KINDS = ['kill', 'black-hole', 'flap', 'slow', 'errors', 'pause'] as const
const FORM =
  /^(?<kind>[a-z-]+)(?:=(?<value>[\d.]+)(?<percent>%)?)?(?::(?<endpoint>\d+))?(?:@(?<from>[\d.]+[a-z]+)(?:-(?<until>[\d.]+[a-z]+))?)?$/

/** Reads a fault such as `slow=5:0@10s-20s`. Throws a {@link UsageError} that says what is wrong. */
export function readFault(text: string, endpoints: number): SimulatedFault {
  const wrong = (why: string): UsageError => new UsageError(`--fault: '${text}' ${why}`)
  const parts = FORM.exec(text)?.groups
  if (parts === undefined) throw wrong(`must be ${FAULT_FORM}, such as kill:0@10s-20s`)
  const kind = KINDS.find((one) => one === parts.kind)
  if (kind === undefined) throw wrong(`must begin with one of ${KINDS.join(', ')}`)
  const fromMs = timeOf(parts.from, wrong) ?? 0
  const untilMs = timeOf(parts.until, wrong)
  if (untilMs !== undefined && untilMs <= fromMs) throw wrong('must end after it begins')
  const endpoint = parts.endpoint === undefined ? undefined : Number(parts.endpoint)
  if (endpoint !== undefined && endpoint >= endpoints)
    throw wrong(`names an endpoint that the pool lacks: it has ${endpoints}, counted from 0`)
  if (kind === 'pause' && endpoint !== undefined)
    throw wrong('names an endpoint: it is the gateway that pauses')
  const shared = {
    fromMs,
    ...(untilMs === undefined ? {} : { untilMs }),
    ...(endpoint === undefined ? {} : { endpoint })
  }
  if (kind === 'slow') {
    const factor = Number(parts.value)
    if (parts.percent !== undefined || !(factor > 0 && factor <= 1_000_000))
      throw wrong('needs how many times slower, as in slow=5')
    return { kind, factor, ...shared }
  }
  if (kind === 'errors') {
    const rate = Number(parts.value) / 100
    if (parts.percent === undefined || !(rate > 0 && rate <= 1))
      throw wrong('needs how many of the responses, as in errors=50%')
    return { kind, rate, ...shared }
  }
  if (parts.value !== undefined) throw wrong(`must have no value: ${kind}`)
  if (kind === 'pause' && untilMs === undefined) throw wrong('must end, as in pause@5s-7s')
  return { kind, ...shared }
}

function timeOf(text: string | undefined, wrong: (why: string) => UsageError): number | undefined {
  if (text === undefined) return undefined
  const ms = durationMs(text)
  if (ms === undefined) throw wrong(`has '${text}', which is no duration, such as 250ms, 10s or 1m`)
  return ms
}
