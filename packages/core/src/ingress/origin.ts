import { isHost } from '../config/host.js'
import type { Ingress } from '../model/ingress-facts.js'
import type { IngressSettings, Trust } from '../model/ingress-settings.js'
import { forwardedElements } from './forwarded.js'
import { clientIndex, hopAddress } from './trust.js'

/** Which forwarding headers of trusted peers identify the client. */
type Believed = IngressSettings['believes']

/**
 * Works out what the forwarding headers of a trusted peer say, once all are read: the client's address, and the origin
 * that it has asked for. Scheme, host and port are those of one hop, so that they belong together.
 */
export function believeForwarding(found: Ingress, believes: Believed, trust: Trust): void {
  const elements = believes === 'rfc7239' ? forwardedElements(found.forwarded) : []
  const chain =
    believes === 'rfc7239'
      ? elements.map((element) => element.for ?? '')
      : found.forwardedFor === ''
        ? []
        : found.forwardedFor.split(',')
  const client = clientIndex(chain, trust)
  if (client < chain.length) found.client = hopAddress(chain[client] as string)
  if (believes === 'x-forwarded') {
    // What stands last was written by the nearest proxy; what stands before may be the client's own.
    setOrigin(found, last(found.forwardedProto), last(found.forwardedHost), last(found.forwardedPort))
  } else {
    // The hop that has seen the client, or the next one that says anything.
    const told = elements
      .slice(Math.min(client, elements.length - 1))
      .find(({ proto, host }) => proto ?? host)
    setOrigin(found, told?.proto ?? '', told?.host ?? '', '')
  }
}

/** Keeps a forwarding header of a trusted peer for {@link believeForwarding}. `name` in lower case. */
export function keepForwarding(found: Ingress, name: string, value: string, believes: Believed): void {
  // A proxy that sets one kind lets the client's own of the other kind through.
  if ((name === 'forwarded') !== (believes === 'rfc7239')) return
  switch (name) {
    case 'x-forwarded-for':
      found.forwardedFor = joined(found.forwardedFor, value)
      break
    case 'x-forwarded-proto':
      found.forwardedProto = joined(found.forwardedProto, value)
      break
    case 'x-forwarded-host':
      found.forwardedHost = joined(found.forwardedHost, value)
      break
    case 'x-forwarded-port':
      found.forwardedPort = joined(found.forwardedPort, value)
      break
    case 'forwarded':
      found.forwarded = joined(found.forwarded, value)
  }
}

/** The values of a field that stands in two lines, as one list. */
export function joined(before: string, value: string): string {
  return before === '' ? value : `${before}, ${value}`
}

function setOrigin(found: Ingress, proto: string, host: string, port: string): void {
  const scheme = SCHEMES.get(proto.toLowerCase())
  found.forwardedHost = isHost(host) ? host : ''
  found.forwardedPort = isPort(port) ? port : ''
  if (scheme !== undefined) found.proto = scheme
  if (found.forwardedPort !== '' || (scheme === undefined && found.forwardedHost === '')) return
  // The port that the proxy has connected to is not the one the client has.
  found.forwardedPort = portOf(found.forwardedHost || found.authority) || DEFAULT_PORTS[found.proto]
}

// Some proxies name the scheme of a WebSocket.
const SCHEMES = new Map<string, 'http' | 'https'>([
  ['http', 'http'],
  ['https', 'https'],
  ['ws', 'http'],
  ['wss', 'https']
])
const DEFAULT_PORTS = { http: '80', https: '443' } as const

function last(list: string): string {
  return list.slice(list.lastIndexOf(',') + 1).trim()
}

function portOf(authority: string): string {
  return /:(\d+)$/.exec(authority)?.[1] ?? ''
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) <= 65_535
}
