import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { TestContext } from 'node:test'
import zlib from 'node:zlib'
import type { GatewayConfig, GatewayServerConfig } from '@gatewright/gateway'
import { type FakeResponse, fakeUpstream } from '@gatewright/testing'
import { startGateway } from './start-gateway.js'
import { watchExchanges } from './watch-exchanges.js'

type Transform = NonNullable<NonNullable<GatewayServerConfig['routes']>[number]['transform']>
export type Fields = Record<string, string>

/** A response, whole. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  readonly rawHeaders: readonly string[]
}

/** Sends a request as it is given: nothing is added to it, and nothing decoded. */
export async function ask(
  port: number,
  method = 'GET',
  headers: Fields = {},
  body?: string | Buffer,
  path = '/things/7'
): Promise<Answer> {
  const sent = httpRequest({ port, path, method, headers, agent: false })
  sent.end(body)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const { statusCode = 0, rawHeaders } = response
  return { status: statusCode, headers: response.headers, body: Buffer.concat(chunks), rawHeaders }
}

/** A gateway before one upstream, whose route changes JSON. */
export async function changing(
  t: TestContext,
  transform: Transform,
  answer: FakeResponse = {},
  config: Partial<GatewayConfig> = {},
  prepare: Parameters<typeof startGateway>[4] = () => {}
) {
  const upstream = await fakeUpstream(t, () => answer)
  const { port, gateway } = await startGateway(
    t,
    {
      pools: { things: { endpoints: [upstream.url] } },
      routes: [{ id: 'things', path: '/things/:id', pool: 'things', transform }],
      ...config
    } as GatewayServerConfig,
    {},
    {},
    prepare
  )
  const seen = async (n: number) => await (await upstream.request(n)).finished
  return {
    upstream,
    port,
    gateway,
    seen,
    exchanges: watchExchanges({ gateway }),
    get: (headers?: Fields, method = 'GET') => ask(port, method, headers),
    post: (body: string | Buffer, headers: Fields = {}) =>
      ask(
        port,
        'POST',
        { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), ...headers },
        body
      )
  }
}

/** A response with JSON. */
export const json = (body: string | Buffer, headers: Fields = {}): FakeResponse => ({
  body,
  headers: { 'content-type': 'application/json', ...headers }
})

/** The reason that a problem body names. */
export const reasonOf = ({ body }: Answer): unknown => JSON.parse(String(body)).reason

/** The value of a field among those that an upstream has seen. */
export const fieldIn = (fields: readonly (readonly [string, string])[], name: string): string | undefined =>
  fields.find(([one]) => one.toLowerCase() === name)?.[1]

/** The content codings of this Node: name, what puts it on, what takes it off. */
export const CODINGS = (
  [
    ['gzip', zlib.gzipSync, zlib.gunzipSync],
    ['br', zlib.brotliCompressSync, zlib.brotliDecompressSync],
    ['deflate', zlib.deflateSync, zlib.inflateSync],
    [
      'zstd',
      (zlib as never as Record<string, typeof zlib.gzipSync>).zstdCompressSync,
      (zlib as never as Record<string, typeof zlib.gunzipSync>).zstdDecompressSync
    ]
  ] as const
).filter(([, pack]) => pack !== undefined)
