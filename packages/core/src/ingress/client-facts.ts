import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Ingress } from '../model/ingress-facts.js'
import type { IngressSettings } from '../model/ingress-settings.js'
import { believeForwarding, keepForwarding } from './origin.js'
import { peerOf } from './peer.js'
import { trustNobody } from './trust.js'

/**
 * Makes Fastify's own `request.ip`, `protocol`, `host` (and by it `hostname` and `port`) say what the gateway knows of the
 * client behind trusted proxies, on every route and in every hook, so that there is one idea of who it is. False where
 * the app has its own `trustProxy`, which then decides. Where no proxy is trusted, they say what Fastify says.
 */
export function decorateClientFacts(
  app: FastifyInstance,
  settings: () => Pick<IngressSettings, 'trust' | 'believes'>
): boolean {
  // Routes that are not the gateway's, and hooks before its first one, have no exchange.
  function read(raw: IncomingMessage): Ingress {
    const { trust, believes } = settings()
    const peer = peerOf(raw.socket, trust)
    const found = new Ingress()
    found.peer = found.client = peer.address
    found.proto = 'encrypted' in raw.socket ? 'https' : 'http'
    found.authority = raw.headers.host ?? ''
    if (!peer.trusted) return found
    for (let i = 0; i < raw.rawHeaders.length; i += 2)
      keepForwarding(
        found,
        (raw.rawHeaders[i] as string).toLowerCase(),
        raw.rawHeaders[i + 1] as string,
        believes
      )
    believeForwarding(found, believes, trust)
    return found
  }

  const factsOf = ({ exchange, raw }: FastifyRequest): Ingress => exchange?.ingress ?? read(raw)
  const trustsNobody = ({ exchange }: FastifyRequest): boolean =>
    (exchange?.snapshot.ingress.settings ?? settings()).trust === trustNobody
  const facts: Record<string, (request: FastifyRequest) => unknown> = {
    ip: (request) => factsOf(request).client || undefined,
    protocol: (request) => factsOf(request).proto,
    host(request) {
      const { forwardedHost, authority } = factsOf(request)
      return forwardedHost || authority || (request.raw.headers.host ?? '')
    }
  }
  try {
    for (const [name, told] of Object.entries(facts)) {
      const getter = function (this: FastifyRequest): unknown {
        return trustsNobody(this) ? inherited(this, name, getter) : told(this)
      }
      app.decorateRequest(name, { getter })
    }
  } catch (error) {
    if ((error as { readonly code?: string }).code === 'FST_ERR_DEC_ALREADY_PRESENT') return false
    throw error
  }
  return true
}

// What Fastify's own class of requests says.
function inherited(request: FastifyRequest, name: string, own: () => unknown): unknown {
  for (let holder: object | null = request; holder !== null; holder = Object.getPrototypeOf(holder)) {
    const get = Object.getOwnPropertyDescriptor(holder, name)?.get
    if (get !== undefined && get !== own) return Reflect.apply(get, request, [])
  }
  return undefined
}
