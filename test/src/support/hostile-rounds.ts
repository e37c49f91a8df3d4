import { seededChance } from '@gatewright/testing'
import { answerOf, HOSTILE_ANSWERS, type HostileAnswer } from './hostile-answers.js'
import type { Assault } from './hostile-upstream.js'
import { ODD_REQUESTS, ODD_WAYS, type OddRequest, type OddWay } from './odd-requests.js'

const NEVER = Number.POSITIVE_INFINITY

/** One request of a client, and what the upstream does to it. */
export interface Round {
  /** In the path of the request, and in the answer. */
  readonly number: number
  /** What the route's hook does. */
  readonly hook: string
  readonly method: string
  readonly request: string
  /** `null` for a client that reads to the end. */
  readonly way: OddWay | null
  readonly assault: Assault
  readonly answer: HostileAnswer
  /** Whether the client means to send another request on its connection. */
  readonly keeps: boolean
  /** Whether it closes its side behind the request. */
  readonly halfCloses: boolean
}

/** Every answer, split at every byte, again and again; the rest is chance. Numbers begin with 1. */
export function* hostileRounds(seed: number, least: number, hooks: readonly string[]): Generator<Round> {
  const chance = seededChance(seed)
  const one = <T>(list: readonly T[]): T => list[Math.floor(chance() * list.length)] as T
  for (let number = 1; number <= least; )
    for (const answer of HOSTILE_ANSWERS)
      for (let at = 0; at <= answer.bytes.length; at++, number++) {
        const rest = chance() < 0.6
        const request = one(ODD_REQUESTS)
        const keeps = rest && mayKeep(answer, request)
        const end = keeps ? one(['keep', 'close', 'reset'] as const) : one(['close', 'reset'] as const)
        const pool = one(poolsFor(answer, request, end))
        const hook = one(hooks)
        yield roundOf(
          number,
          pool,
          hook,
          answer,
          { at, rest, end },
          request,
          chance() < 0.7 ? null : one(ODD_WAYS)
        )
      }
}

// Nobody would end the request otherwise.
function mayKeep({ end, fault, headEnd }: HostileAnswer, request: OddRequest): boolean {
  return Math.min(end, fault) < NEVER || (isHead(request) && headEnd < NEVER)
}

// Of the pool `alone` no two requests share a connection, and anything may happen to one. Elsewhere nothing may be left
// behind an answer that could be taken for the next one; `shared` connections close, and what must not be sent twice is
// lost when that has just happened; `kept` ones do not.
function poolsFor(answer: HostileAnswer, request: OddRequest, closing: Assault['end']): readonly string[] {
  const { bytes, end, fault, headEnd } = answer
  if (fault < NEVER || end < bytes.length || (isHead(request) && headEnd < bytes.length)) return ['alone']
  if (closing === 'keep') return ['alone', 'kept', 'kept']
  return /^P/.test(request('')) ? ['alone'] : ['alone', 'shared', 'shared']
}

function isHead(request: OddRequest): boolean {
  return request('').startsWith('HEAD')
}

function roundOf(
  number: number,
  pool: string,
  hook: string,
  answer: HostileAnswer,
  how: Omit<Assault, 'bytes'>,
  odd: OddRequest,
  way: OddWay | null
): Round {
  const request = odd(`/${pool}/${hook}/${number}`)
  const keeps = !/connection: close/i.test(request) && /HTTP\/1\.1|keep-alive/.test(request)
  return {
    number,
    hook,
    method: request.slice(0, request.indexOf(' ')),
    request,
    way: keeps ? null : way,
    assault: { bytes: answerOf(answer.bytes, number), ...how },
    answer,
    keeps,
    // Without chunks and without a side of its own, it could not tell a reset from an end.
    halfCloses: !keeps && number % 4 === 0 && request.includes('HTTP/1.1')
  }
}

/** To repeat it by hand. */
export function describeRound({ number, request, way, assault, halfCloses }: Round): string {
  return `round ${number}: ${JSON.stringify(request)} ${way === null ? (halfCloses ? 'and its end' : '') : `as client ${ODD_WAYS.indexOf(way)}`}; ${JSON.stringify(assault)}`
}
