import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Ingress } from './ingress-facts.js'
import type { IngressSettings } from './ingress-settings.js'
import { believeForwarding, keepForwarding } from './origin.js'
import { createPeers } from './peer.js'

/**
 * Makes Fastify's own `request.ip`, `protocol`, `host` (and by it `hostname` and `port`) say what the gateway knows of the
 * client behind trusted proxies, on every route and in every hook, so that there is one idea of who it is. False where
 * the app has its own `trustProxy`, which then decides.
 */
export function tellClientFacts(
  app: FastifyInstance,
  { trust, believes }: Pick<IngressSettings, 'trust' | 'believes'>
): boolean {
  const peerOf = createPeers(trust)

  // Routes that are not the gateway's, and hooks before its first one, have no exchange.
  function read(raw: IncomingMessage): Ingress {
    const peer = peerOf(raw.socket)
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
  const facts: Record<string, (this: FastifyRequest) => unknown> = {
    ip() {
      return factsOf(this).client || undefined
    },
    protocol() {
      return factsOf(this).proto
    },
    host() {
      const { forwardedHost, authority } = factsOf(this)
      return forwardedHost || authority || (this.raw.headers.host ?? '')
    }
  }
  try {
    for (const [name, getter] of Object.entries(facts)) app.decorateRequest(name, { getter })
  } catch (error) {
    if ((error as { readonly code?: string }).code === 'FST_ERR_DEC_ALREADY_PRESENT') return false
    throw error
  }
  return true
}
