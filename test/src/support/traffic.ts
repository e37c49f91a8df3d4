import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { PoolConfig } from '@gatewright/gateway'
import {
  type FakeUpstream,
  fakeUpstream,
  type RawResponse,
  rawRequest,
  type Script,
  seededChance
} from '@gatewright/testing'
import { singlePool } from './single-pool.js'
import { type StartedGateway, startGateway } from './start-gateway.js'

/** A gateway in front of upstreams that answer with their index; made by {@link startTraffic}. */
export interface Traffic extends StartedGateway {
  readonly upstreams: readonly FakeUpstream[]
  /** A GET request; `headers` are lines with their CRLF. */
  get(headers?: string): Promise<RawResponse>
  /** Which upstream got the last request. */
  last(): number
}

/** Options of {@link startTraffic}. */
export interface TrafficOptions {
  readonly balancing: NonNullable<PoolConfig['balancing']>
  /** One endpoint each. Default: three of weight 1. */
  readonly weights?: readonly number[]
  /** What the upstreams answer, by index. Default: their index. */
  readonly scripts?: readonly Script[]
  /** Default: the real one. */
  readonly clock?: () => number
}

/** Starts upstreams, and a gateway in front of them whose chance repeats. */
export async function startTraffic(t: TestContext, options: TrafficOptions): Promise<Traffic> {
  const { balancing, weights = [1, 1, 1], scripts = [], clock } = options
  const order: number[] = []
  const upstreams = await Promise.all(
    weights.map((_, index) =>
      fakeUpstream(t, (request, respond) => {
        order.push(index)
        const script = scripts[index]
        return typeof script === 'function' ? script(request, respond) : (script ?? { body: String(index) })
      })
    )
  )
  const endpoints = upstreams.map(({ url }, index) => ({ url, weight: weights[index] as number }))
  const seams = { chance: seededChance(42), ...(clock === undefined ? {} : { clock }) }
  const started = await startGateway(t, singlePool(endpoints, { balancing }), {}, seams)
  return {
    ...started,
    upstreams,
    get: (headers = '') => rawRequest(started.port, `GET /x HTTP/1.1\r\nHost: a\r\n${headers}\r\n`),
    last: () => order.at(-1) as number
  }
}

/** How many requests each upstream has got. */
export const shares = ({ upstreams }: Traffic): number[] => upstreams.map(({ requests }) => requests.length)

/** Makes requests one after the other; all must succeed. */
export async function many(traffic: Traffic, count: number, headers?: (i: number) => string): Promise<void> {
  for (let i = 0; i < count; i++) assert.equal((await traffic.get(headers?.(i))).status, 200)
}

/** Makes requests at the same time; all must succeed. */
export async function atOnce(traffic: Traffic, count: number): Promise<void> {
  const responses = await Promise.all(Array.from({ length: count }, () => traffic.get()))
  for (const { status } of responses) assert.equal(status, 200)
}
