import type { IncomingMessage } from 'node:http'
import type { IngressSettings } from '../model/ingress-settings.js'
import { peerOf } from './peer.js'
import { RandomUuids } from './random-uuid.js'
import { trustNobody } from './trust.js'

const kId = Symbol('gatewright.request-id')

type Named = IncomingMessage & { [kId]?: string }

const PLAIN = /^[\w.:+/=@-]{1,128}$/

/** Whether a text can be a request id: a plain token, of at most 128 characters. */
export function isRequestId(text: string): boolean {
  return PLAIN.test(text)
}

/** Returns the id of a request: the client's if its peer is trusted, else a new one. Repeated calls return the same id. */
export function createRequestIds(
  settings: () => Pick<IngressSettings, 'trust' | 'requestIdHeader'>
): (raw: IncomingMessage) => string {
  const uuids = new RandomUuids()
  return function requestIdOf(raw: Named) {
    const known = raw[kId]
    if (known !== undefined) return known
    const { trust, requestIdHeader } = settings()
    const believed = trust !== trustNobody && peerOf(raw.socket, trust).trusted
    const sent = believed ? raw.headers[requestIdHeader] : undefined
    const id = typeof sent === 'string' && isRequestId(sent) ? sent : uuids.next()
    raw[kId] = id
    return id
  }
}

/** The id that {@link createRequestIds} has given a request; `undefined` if the app makes its own ids. */
export function knownRequestId(raw: Named): string | undefined {
  return raw[kId]
}
