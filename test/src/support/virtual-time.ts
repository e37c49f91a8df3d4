import type { TestContext } from 'node:test'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream, rawRequest, virtualClock } from '@gatewright/testing'
import { type StartedGateway, startGateway } from './start-gateway.js'

/** A gateway whose time limits follow a clock that a test moves; made by {@link startOnVirtualTime}. */
export interface GatewayOnVirtualTime extends StartedGateway {
  /** Moves the clock forward. Resolves when the gateway has looked at it and ended what was overdue. */
  pass(ms: number): Promise<void>
}

const TICK = 'GET /tick HTTP/1.1\r\nHost: a\r\n\r\n'

/** A gateway on virtual time. It answers nothing but its own requests at `/tick`, which must not count. */
export async function startOnVirtualTime(
  t: TestContext,
  { pools, routes = [], ...config }: GatewayServerConfig
): Promise<GatewayOnVirtualTime> {
  const { clock, advance } = virtualClock()
  const silent = await fakeUpstream(t, () => {})
  const started = await startGateway(
    t,
    {
      ...config,
      pools: { ...pools, tick: { endpoints: [silent.url], timeouts: { firstByte: '1ms' } } },
      routes: [{ path: '/tick', pool: 'tick' }, ...routes]
    },
    {},
    { clock }
  )
  let ticks = 0
  return {
    ...started,
    async pass(ms) {
      // A request whose limit ends when the clock moves: its answer tells that the clock has been looked at.
      const overdue = rawRequest(started.port, TICK)
      await silent.request(++ticks)
      advance(ms)
      await overdue
    }
  }
}
