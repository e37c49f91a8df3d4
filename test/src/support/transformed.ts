import type { TestContext } from 'node:test'
import type { GatewayServerConfig, RouteConfig, TransformConfig } from '@gatewright/gateway'
import {
  type FakeUpstream,
  fakeUpstream,
  type RawResponse,
  rawClient,
  type Script,
  type SeenRequest
} from '@gatewright/testing'
import { type StartedGateway, startGateway } from './start-gateway.js'

type Route = Partial<Omit<RouteConfig, 'transform'>>

/** A gateway in front of one upstream, whose only route has a transform. */
export interface Transformed extends StartedGateway {
  readonly upstream: FakeUpstream
  /** Sends these lines, and `Host: gateway.test` where none of them says otherwise. */
  send(requestLine: string, ...fields: string[]): Promise<RawResponse>
  /** The same, and what the upstream has seen of it. */
  seen(requestLine: string, ...fields: string[]): Promise<SeenRequest>
  /** The same with an answer of the upstream's. */
  answered(script: Script, requestLine?: string, ...fields: string[]): Promise<RawResponse>
}

/** Starts it. The route is `/users/:id`, unless `route` says otherwise; `more` is for the whole configuration. */
export async function transformed(
  t: TestContext,
  transform: TransformConfig,
  route: Route = {},
  more: (upstream: FakeUpstream) => GatewayServerConfig = () => ({}),
  prepare: Parameters<typeof startGateway>[4] = () => {}
): Promise<Transformed> {
  const upstream = await fakeUpstream(t)
  const started = await startGateway(
    t,
    {
      pools: { users: { endpoints: [upstream.url] } },
      routes: [{ id: 'users', path: '/users/:id', pool: 'users', transform, ...route } as RouteConfig]
    },
    more(upstream),
    {},
    prepare
  )
  const send = async (requestLine: string, ...fields: string[]): Promise<RawResponse> => {
    const [method = 'GET', target = requestLine] = requestLine.split(' ')
    const hasHost = fields.some((field) => /^host:/i.test(field))
    const client = await rawClient(started.url, { t })
    const lines = [`${method} ${target} HTTP/1.1`, ...(hasHost ? [] : ['host: gateway.test']), ...fields]
    await client.write(`${lines.join('\r\n')}\r\n\r\n`)
    const response = await client.response({ to: method })
    client.close()
    return response
  }
  return {
    ...started,
    upstream,
    send,
    async seen(requestLine, ...fields) {
      const number = upstream.requests.length + 1
      await send(requestLine, ...fields)
      return await upstream.request(number)
    },
    async answered(script, requestLine = 'GET /users/7', ...fields) {
      upstream.next(script)
      return await send(requestLine, ...fields)
    }
  }
}

/** The fields that begin with `x-` or `x_`, but for those that the gateway writes: `name: value`, as sent. */
export function ownFields({ headers }: Pick<SeenRequest, 'headers'>): string[] {
  return headers
    .filter(([name]) => /^x[-_](?!forwarded-(?:for|proto|host|port)$|request-id$)/i.test(name))
    .map(([name, value]) => `${name}: ${value}`)
}
