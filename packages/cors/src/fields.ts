import type { FastifyReply } from 'fastify'
import type { CorsSettings } from './settings.js'

/** What a route without a list of methods takes of those that pages use. */
const USUAL = 'GET, HEAD, PUT, PATCH, POST, DELETE'

/** The fields that are the gateway's alone where it does CORS: an upstream's own would say something else. */
const OWNED = [
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-expose-headers',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-max-age',
  'access-control-allow-private-network'
] as const

/** What a preflight asks for. */
export interface Asked {
  readonly method: string
  /** `Access-Control-Request-Headers`; `''` for none. */
  readonly headers: string
  readonly privateNetwork: boolean
}

/** On what the response to a preflight depends. */
export const PREFLIGHT_VARY =
  'Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network'

const NAMES = /^[\w!#$%&'*+.^`|~,\t -]*$/

/** Removes what an upstream, or somebody else, has said of CORS. */
export function removeOwned(reply: FastifyReply): void {
  const { raw } = reply
  for (const name of OWNED) {
    if (reply.hasHeader(name)) reply.removeHeader(name)
    if (raw.hasHeader(name)) raw.removeHeader(name)
  }
}

/** Says that pages of an origin may read a response; `''` for a request without one, where all may. */
export function addAllowed(
  reply: FastifyReply,
  { origins, credentials }: CorsSettings,
  origin: string
): void {
  reply.header('access-control-allow-origin', origins.all ? '*' : origin)
  if (credentials) reply.header('access-control-allow-credentials', 'true')
}

/** Says which fields of the response they may read. */
export function addExposed(reply: FastifyReply, { exposedHeaders }: CorsSettings): void {
  if (exposedHeaders !== '') reply.header('access-control-expose-headers', exposedHeaders)
}

/** Says what a preflight may be followed by (Fetch standard, "HTTP responses"). `methods`: see {@link allowedMethods}. */
export function addPreflight(
  reply: FastifyReply,
  { allowedHeaders, maxAge, privateNetwork }: CorsSettings,
  methods: string | null,
  asked: Asked
): void {
  reply.header('access-control-allow-methods', methods ?? asked.method)
  const headers = allowedHeaders ?? (NAMES.test(asked.headers) ? asked.headers : '')
  if (headers !== '') reply.header('access-control-allow-headers', headers)
  if (maxAge !== '') reply.header('access-control-max-age', maxAge)
  if (privateNetwork && asked.privateNetwork) reply.header('access-control-allow-private-network', 'true')
}

/** The methods that preflights of a route are told; `null` for whichever is asked for. */
export function allowedMethods({ methods }: CorsSettings, ofRoute: readonly string[] | null): string | null {
  if (methods === '*') return null
  return (methods ?? ofRoute)?.join(', ') ?? USUAL
}
