import type {
  GatewayConfig,
  NativeRouteConfig,
  PolicyConfig,
  RewriteConfig,
  RouteConfig
} from '../config/config.js'
import { mergeOptions } from './route-config.js'

/** What only an upstream's response or a second attempt gives a meaning to. */
const FORWARDING = ['fallback', 'preserveHost'] as const

/**
 * Yields the problems of a route's options together with those of its policies: each may be right, and the whole do
 * nothing. `path` is the route's own, in the spelling of the table or of Fastify.
 */
export function* checkEffect(
  route: RouteConfig | NativeRouteConfig,
  path: string,
  at: string,
  { policies = {} }: GatewayConfig
): Iterable<string> {
  const used = (route.use ?? []).flatMap((id) => (Object.hasOwn(policies, id) ? (policies[id] ?? []) : []))
  const options = mergeOptions(route, used, undefined)
  const { pool, fallback, rewrite } = options
  if (pool !== undefined && fallback?.pool === pool)
    yield `${at}.fallback.pool: '${pool}' is the pool that the route forwards to; give another one`
  if (rewrite !== undefined) yield* checkRewriteOf(rewrite, path, at)
  if ('path' in route) yield* checkOwnResponse(route, options, at)
}

/** The key by which a route answers alone; `null` for one that forwards or does too much. */
export function ownResponse({
  redirect,
  respond,
  pool
}: Partial<RouteConfig>): 'redirect' | 'respond' | null {
  if ((redirect === undefined) === (respond === undefined) || pool !== undefined) return null
  return redirect === undefined ? 'respond' : 'redirect'
}

function* checkOwnResponse(route: RouteConfig, { rewrite }: PolicyConfig, at: string): Iterable<string> {
  const { redirect } = route
  const answer = ownResponse(route)
  if (answer === null) return
  for (const key of FORWARDING)
    if (route[key] !== undefined && route[key] !== false)
      yield `${at}.${key}: does nothing: the route answers with '${answer}' and forwards nothing`
  if (redirect === undefined) return
  const { scheme, host, port, path } = redirect
  if (scheme !== undefined || host !== undefined || port !== undefined) return
  if (path === undefined ? rewrite === undefined : path === route.path)
    yield `${at}.redirect: leads back to where the request came from; give another scheme, host, port or path`
}

function* checkRewriteOf({ set, stripPrefix }: RewriteConfig, path: string, at: string): Iterable<string> {
  // A regular expression has no parameters, and its paths are unknown.
  const known = path[0] === '/' ? parametersOf(path) : []
  for (const name of set === undefined ? [] : parametersOf(set))
    if (!known.includes(name))
      yield `${at}.rewrite.set: '${name}' is no parameter of '${path}'${known.length === 0 ? '' : `, which has ${known.join(', ')}`}`
  if (typeof stripPrefix === 'string' && path[0] === '/' && !mayBegin(path, stripPrefix))
    yield `${at}.rewrite.stripPrefix: no path of '${path}' begins with '${stripPrefix}'`
}

// `:id`, and `*` where it is the last segment. Fastify also has several parameters in one segment.
function parametersOf(path: string): string[] {
  return [...path.matchAll(/:[A-Za-z_]\w*|\*$|(?<=\/)\*(?=\/)/g)].map(([name]) => name)
}

// Segment by segment: a parameter may be anything, and below a wildcard everything may come.
function mayBegin(path: string, prefix: string): boolean {
  const segments = path.split('/').slice(1)
  const wanted = prefix.replace(/\/$/, '').split('/').slice(1)
  return wanted.every((want, index) => {
    const open = segments.findIndex((segment) => segment.includes('*'))
    if (open !== -1 && index >= open) return true
    const segment = segments[index]
    return segment !== undefined && (segment.includes(':') || segment.toLowerCase() === want.toLowerCase())
  })
}
