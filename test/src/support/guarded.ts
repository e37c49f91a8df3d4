import type { TestContext } from 'node:test'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { type FakeUpstream, fakeUpstream } from '@gatewright/testing'
import { type StartedGateway, startGateway } from './start-gateway.js'

/** A gateway with authentication before an upstream, and the lines of its log. */
export interface Guarded extends StartedGateway {
  readonly upstream: FakeUpstream
  readonly lines: Readonly<Record<string, unknown>>[]
  /** Asks, and returns what came back. */
  ask(path?: string, headers?: Record<string, string>, method?: string): Promise<Answer>
}

/** What a client got. */
interface Answer {
  readonly status: number
  readonly reason: string | null
  readonly challenge: string | null
  readonly headers: Headers
  readonly body: string
}

/** Starts one whose route `all` goes to the upstream, with this authentication and these options of the route. */
export async function guarded(
  t: TestContext,
  authentication: NonNullable<GatewayServerConfig['authentication']>,
  route: Partial<NonNullable<GatewayServerConfig['routes']>[number]>,
  more: GatewayServerConfig = {}
): Promise<Guarded> {
  const upstream = await fakeUpstream(t)
  const lines: Record<string, unknown>[] = []
  const config = {
    accessLog: { destination: { write: (line: string) => void lines.push(JSON.parse(line)) } },
    pools: { api: { endpoints: [upstream.url] } },
    authentication,
    routes: [{ id: 'all', path: '/*', pool: 'api', ...route }],
    ...more
  } as GatewayServerConfig
  const started = await startGateway(t, config)
  async function ask(path = '/', headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
    const response = await fetch(started.url + path, { method, headers, redirect: 'manual' })
    const body = await response.text()
    const isProblem = response.headers.get('content-type') === 'application/problem+json'
    return {
      status: response.status,
      reason: isProblem ? (JSON.parse(body) as { reason: string }).reason : null,
      challenge: response.headers.get('www-authenticate'),
      headers: response.headers,
      body
    }
  }
  return { ...started, upstream, lines, ask }
}
