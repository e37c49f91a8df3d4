import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import {
  createIngressReader,
  createTrust,
  Exchange,
  Gateway,
  type Identity,
  type Ingress,
  type Pool,
  type Snapshot
} from '@gatewright/core'

/** The request of a {@link fakeExchange}. */
export interface FakeExchangeOptions {
  /** Default `GET`. */
  readonly method?: string
  /** The canonical path. Default `/`. */
  readonly path?: string
  /** The query, with or without its `?`. Default none. */
  readonly query?: string
  /** Header fields; a list is a field sent more than once. `host` is added when it is missing. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  /** The client's IP address; `''` for a client without one, as on a unix socket. Default `192.0.2.1`. */
  readonly client?: string
  /** What the client speaks. Default `http`. */
  readonly proto?: 'http' | 'https'
  /** Who it is from. Default: nobody knows. */
  readonly identity?: Identity
  /** The pool the request goes to. Default none. */
  readonly pool?: Pool
  /** Default `test`. */
  readonly id?: string
  /** When it was opened, in milliseconds of the test's clock. Default 1000. */
  readonly startedAt?: number
  /** Default: a configuration without pools and routes. */
  readonly snapshot?: Snapshot
}

/**
 * A real `Exchange` on real Node objects, but without a connection: for unit tests of policies, filters and
 * observers. Writes to its response are discarded. Throws a `GatewayError` for headers that the gateway
 * would refuse.
 */
export function fakeExchange(options: FakeExchangeOptions = {}): Exchange {
  const { method = 'GET', path = '/', pool = null, id = 'test', startedAt = 1_000 } = options
  const query = (options.query ?? '').replace(/^(?=[^?])/, '?')
  const raw = fakeRequest(method, path + query, options)
  const exchange = new Exchange(
    id,
    raw,
    new ServerResponse(raw),
    options.snapshot ?? emptySnapshot(),
    startedAt,
    path,
    query,
    readIngress(raw)
  )
  exchange.pool = pool
  exchange.identity = options.identity ?? null
  return exchange
}

function emptySnapshot(): Snapshot {
  return new Gateway({ config: {}, clock: () => 0, chance: () => 0 }).compile()
}

function readIngress(raw: IncomingMessage): Ingress {
  const read = createIngressReader({
    trust: createTrust([]),
    believes: 'x-forwarded',
    requestIdHeader: 'x-request-id',
    deadlineHeader: '',
    reservedHeaders: new Set(),
    underscores: 'keep',
    maxHeaders: 100,
    maxUrlBytes: 8192
  })
  return read(raw, '')
}

function fakeRequest(method: string, url: string, options: FakeExchangeOptions): IncomingMessage {
  const { headers = {}, client = '192.0.2.1', proto = 'http' } = options
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: client === '' ? undefined : client })
  Object.defineProperty(socket, 'encrypted', { value: proto === 'https' })
  const raw = new IncomingMessage(socket)
  raw.method = method
  raw.url = url
  raw.httpVersion = '1.1'
  raw.httpVersionMajor = 1
  raw.httpVersionMinor = 1
  const fields = Object.entries(headers)
  if (!fields.some(([name]) => name.toLowerCase() === 'host')) fields.unshift(['host', 'gateway.test'])
  raw.rawHeaders = fields.flatMap(([name, value]) => [value].flat().flatMap((one) => [name, one]))
  raw.headers = Object.fromEntries(
    fields.map(([name, value]) => {
      const key = name.toLowerCase()
      // Node joins a field that was sent more than once, cookies with their own separator (RFC 9112, RFC 6265).
      return [key, [value].flat().join(key === 'cookie' ? '; ' : ', ')]
    })
  )
  return raw
}
