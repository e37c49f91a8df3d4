import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, ListenOptions } from 'node:net'
import type { GatewayConfig } from '@gatewright/core'
import type { Metrics } from '@gatewright/metrics'
import type { ServerOptions } from './config/config.js'

/** How long a client may take to send its request, or to read the response, in milliseconds. */
const PATIENCE_MS = 30_000

/** The probe listener. `/live` answers while the process runs; `/ready` only while it takes requests. */
export interface Probes {
  readonly port: number
  close(): void
}

/** The address of a listener. */
type Address = Pick<ListenOptions, 'host' | 'ipv6Only'>

/** What answers scrapes. */
export type Scraped = Pick<Metrics, 'paths' | 'answer'>

/** Starts what answers probes and scrapes; see {@link startProbes}. */
export type ProbeStarter = (
  probes: ServerOptions['probes'],
  isReady: () => boolean,
  metrics: Metrics | null,
  beside: Address
) => Promise<Probes | null>

/**
 * Starts the probe listener, or does nothing when none was asked for. `metrics` are served there too. Where `probes`
 * names no host, it is at the address of the gateway's own listener, `beside`: no other address reaches it.
 */
export async function startProbes(
  probes: ServerOptions['probes'],
  isReady: () => boolean,
  metrics: Scraped | null,
  beside: Address
): Promise<Probes | null> {
  if (probes === undefined || probes === false) return null
  const { port = 8085, host } = probes === true ? {} : probes
  const server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?', 1)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      answer(request, response, 405, 'method not allowed')
    } else if (metrics?.paths.includes(path) === true) void respondToScrape(metrics, path, request, response)
    else if (path === '/live') answer(request, response, 200, 'ok')
    else if (path !== '/ready') answer(request, response, 404, 'not found')
    else if (isReady()) answer(request, response, 200, 'ok')
    else answer(request, response, 503, 'not ready')
  })
  server.setTimeout(PATIENCE_MS)
  server.listen({ port, ...(host === undefined ? beside : { host }) })
  await once(server, 'listening')
  server.unref()
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close()
      server.closeAllConnections()
    }
  }
}

/** The problems of metrics without a listener, or whose path is a probe's. */
export function* checkProbes(config: GatewayConfig): Iterable<string> {
  const { metrics, probes } = config as GatewayConfig & ServerOptions
  if (metrics === undefined || metrics === false) return
  const { enabled = true, listener, path = '' } = metrics === true ? {} : metrics
  if (!enabled || listener === 'app') return
  if (probes === false)
    yield "metrics.listener: 'probes' (default) needs the probe listener, and `probes` is false; use 'app'"
  if (path === '/live' || path === '/ready')
    yield `metrics.path: '${path}' is a probe's on the probe listener; use another, such as '/metrics'`
}

function answer(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain', 'cache-control': 'no-store' })
  response.end(request.method === 'HEAD' ? undefined : `${text}\n`)
}

async function respondToScrape(
  metrics: Scraped,
  path: string,
  { headers, method }: IncomingMessage,
  response: ServerResponse
): Promise<void> {
  const scrape = await metrics.answer(path, headers)
  response.writeHead(scrape.status, scrape.headers)
  response.end(method === 'HEAD' ? undefined : scrape.body)
}
