import { validateHeaderName, validateHeaderValue } from 'node:http'
import { isHost, type RouteAction, readPath } from '@gatewright/core'

/** Headers that say where a message ends: Fastify and Node write them. */
const FRAMING = new Set([
  'connection',
  'content-length',
  'transfer-encoding',
  'trailer',
  'upgrade',
  'keep-alive'
])

/** Yields what is wrong with an answer that a route gives by itself: nothing else may end up in its head. */
export function* checkAnswer(action: RouteAction): Iterable<string> {
  if (action.kind === 'redirect') {
    const { host, path } = action.redirect
    if (host !== undefined && (!isHost(host) || /:\d*$/.test(host.replace(/^\[.*\]/, ''))))
      yield `redirect.host '${host}' must be a host name without port`
    if (path !== undefined && !isCanonical(path)) yield `redirect.path '${path}' must be a canonical path`
  } else if (action.kind === 'respond') {
    for (const [name, value] of Object.entries(action.respond.headers ?? {})) {
      if (FRAMING.has(name.toLowerCase())) yield `respond.headers: '${name}' is written by the gateway`
      else if (!isHeader(name, value)) yield `respond.headers: '${name}: ${value}' is no header field`
    }
  }
}

function isCanonical(path: string): boolean {
  const settings = { policy: 'reject', encodedSlashes: 'keep', duplicateSlashes: 'keep' } as const
  return !path.includes('?') && readPath(path, settings).kind === 'clean'
}

function isHeader(name: string, value: string): boolean {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    return true
  } catch {
    return false
  }
}
