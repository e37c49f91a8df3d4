import { seededChance } from '@gatewright/testing'
import { answerOf, HOSTILE_ANSWERS, type HostileAnswer } from './hostile-answers.js'
import type { Assault } from './hostile-upstream.js'
import { ODD_REQUESTS, ODD_WAYS, type OddRequest, type OddWay } from './odd-clients.js'

/** One request of a client, and what the upstream does to it. */
export interface Round {
  /** In the path of the request, and in the answer. */
  readonly number: number
  readonly path: string
  readonly method: string
  readonly request: string
  /** `null` for a client that reads to the end. */
  readonly way: OddWay | null
  readonly assault: Assault
  readonly sound: HostileAnswer['sound']
  /** Whether the answer itself says where it ends. */
  readonly framed: boolean
  /** Whether the client is owed the answer. */
  readonly whole: boolean
  /** Whether the client means to send another request on its connection. */
  readonly keeps: boolean
}

/** Every answer, split at every byte, again and again; the rest is chance. Numbers begin with 1. */
export function* hostileRounds(seed: number, least: number, paths: readonly string[]): Generator<Round> {
  const chance = seededChance(seed)
  const one = <T>(list: readonly T[]): T => list[Math.floor(chance() * list.length)] as T
  for (let number = 1; number <= least; )
    for (const answer of HOSTILE_ANSWERS)
      for (let at = 0; at <= (answer.first ?? answer.bytes.length); at++, number++) {
        const rest = chance() < 0.6
        const keeps = rest && !answer.untilClose
        const end = keeps ? one(['keep', 'close', 'reset'] as const) : one(['close', 'reset'] as const)
        const request = one(ODD_REQUESTS)
        yield roundOf(
          number,
          one(paths),
          answer,
          { at, rest, end },
          request,
          chance() < 0.7 ? null : one(ODD_WAYS)
        )
      }
}

function roundOf(
  number: number,
  path: string,
  answer: HostileAnswer,
  how: Omit<Assault, 'bytes'>,
  odd: OddRequest,
  way: OddWay | null
): Round {
  const request = odd(`/${path}/${number}`)
  const bytes = answerOf(answer.bytes, number)
  const keeps = !/connection: close/i.test(request) && /HTTP\/1\.1|keep-alive/.test(request)
  return {
    number,
    path,
    method: request.slice(0, request.indexOf(' ')),
    request,
    way: keeps ? null : way,
    assault: { bytes, ...how },
    sound: answer.sound,
    framed: !answer.untilClose,
    whole: answer.sound !== undefined && how.rest && how.end === 'keep',
    keeps
  }
}

/** A request as any other, and its answer. */
export const NORMAL_ROUND: Round = roundOf(
  0,
  'plain',
  HOSTILE_ANSWERS[0] as HostileAnswer,
  { at: 0, rest: true, end: 'keep' },
  ODD_REQUESTS[0] as OddRequest,
  null
)

/** To repeat it by hand. */
export function describeRound({ number, request, way, assault }: Round): string {
  return `round ${number}: ${JSON.stringify(request)} ${way === null ? '' : `as client ${ODD_WAYS.indexOf(way)}`}; ${JSON.stringify(assault)}`
}
