import type { Exchange } from '@gatewright/core'
import type { FastifyReply } from 'fastify'
import { hasAmbientCredentials, mayBeCrossSite } from './cross-site.js'
import type { CompressionSettings } from './settings.js'

const NO_TRANSFORM = /(?:^|[\s,])no-transform(?:[\s,;=]|$)/i

/** Fields that are made of the bytes of the body: compressed, they would be wrong (RFC 9530; RFC 9421 signs them). */
const DIGESTS = ['content-digest', 'repr-digest', 'digest', 'content-md5'] as const

/**
 * Whether a response may be compressed at all, for some client: it then varies by `Accept-Encoding`. Not without content
 * (204, 205), parts (206), what has a coding, what must not be transformed (RFC 9110, section 7.7), what has a digest.
 */
export function isEligible(
  { isCompressible, withSetCookie }: CompressionSettings,
  { headers }: Pick<Exchange, 'headers'>,
  reply: FastifyReply
): boolean {
  const { statusCode } = reply
  if (statusCode < 200 || statusCode === 204 || statusCode === 205 || statusCode === 206) return false
  if (!isCompressible(textOf(reply, 'content-type'))) return false
  const coding = textOf(reply, 'content-encoding')
  if (coding !== '' && coding.toLowerCase() !== 'identity') return false
  if (reply.hasHeader('content-range')) return false
  if (!withSetCookie && reply.hasHeader('set-cookie')) return false
  if (NO_TRANSFORM.test(textOf(reply, 'cache-control')) || NO_TRANSFORM.test(headers['cache-control'] ?? ''))
    return false
  return !DIGESTS.some((name) => reply.hasHeader(name))
}

/** Whether the length of a compressed response could tell a page of another site something. */
export function couldLeak({ crossSite }: CompressionSettings, exchange: Exchange): boolean {
  return !crossSite && hasAmbientCredentials(exchange) && mayBeCrossSite(exchange)
}

/** A field of the response; `''` for none. */
export function textOf(reply: FastifyReply, name: string): string {
  const value = reply.getHeader(name)
  return value === undefined ? '' : String(value)
}
