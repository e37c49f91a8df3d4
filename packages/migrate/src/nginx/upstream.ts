import type { Draft, Options } from '../draft.js'
import type { Context } from './context.js'
import type { Directive } from './directives.js'
import { Scope } from './scope.js'
import { durationOf } from './units.js'
import { headerOf } from './variables.js'

/** Where a `proxy_pass` leads. */
export interface Upstream {
  /** The pool. */
  readonly pool: string
  /** The pool of `backup` servers. */
  readonly backup?: string
  /** How many servers are tried, without those that are down. */
  readonly servers: number
}

/** The pool for a scheme and the host of a `proxy_pass`; `null` where it leads nowhere that a pool could. */
export function upstreamOf(
  scheme: string,
  host: string,
  place: Directive,
  context: Context
): Upstream | null {
  const block = context.upstreams.get(host)
  const id = idOf(host, scheme, context.draft)
  if (block === undefined) {
    const url = urlOf(scheme, host)
    if (url === null) return null
    context.draft.pools[id] ??= { endpoints: [url] }
    return { pool: id, servers: 1 }
  }
  const servers = (block.block ?? []).filter(({ name }) => name === 'server')
  const isDown = ({ args }: Directive): boolean => args.includes('down')
  const isBackup = ({ args }: Directive): boolean => args.includes('backup')
  const main = servers.filter((server) => !isBackup(server))
  const spare = servers.filter(isBackup)
  const backup = spare.length > 0 && main.length > 0 ? `${id}-backup` : undefined
  const upstream = {
    pool: id,
    servers: main.filter((server) => !isDown(server)).length,
    ...(backup === undefined ? {} : { backup })
  }
  if (context.draft.pools[id] !== undefined) return upstream
  const pool = poolOf(block, main.length > 0 ? main : spare, scheme, host, context)
  if (pool === null) {
    context.draft.note('left-out', place, place.name, `upstream ${host} has no server that a URL could name`)
    return null
  }
  context.draft.pools[id] = backup === undefined ? pool : { ...pool, unhealthy: { policy: 'none' } }
  if (backup !== undefined) {
    const spares = poolOf(block, spare, scheme, host, context)
    if (spares !== null) context.draft.pools[backup] = spares
    context.draft.note(
      'differs',
      spare[0] as Directive,
      'backup',
      'these servers are a pool of their own: routes fall back to it when no other server is usable'
    )
  }
  return upstream
}

function poolOf(
  block: Directive,
  servers: readonly Directive[],
  scheme: string,
  host: string,
  { draft, used }: Context
): Options | null {
  const scope = new Scope(block.block ?? [], null, used)
  used.add(block)
  scope.own('server')
  const endpoints = servers.flatMap((server) => endpointOf(server, scheme, host, draft))
  if (endpoints.length === 0) return null
  const pool: Options = { endpoints, ...balancingOf(scope, endpoints.length, draft) }
  const detection = detectionOf(servers, draft)
  if (detection !== undefined && endpoints.length > 1) pool.outlierDetection = detection
  const connections: Options = {}
  for (const { args } of scope.own('keepalive_timeout'))
    connections.keepAlive = durationOf(args[0] ?? '') ?? '4s'
  for (const { args } of scope.own('keepalive_requests')) connections.maxRequests = Number(args[0])
  if (Object.keys(connections).length > 0) pool.connections = connections
  for (const directive of scope.ownOf(['keepalive', 'zone']))
    draft.note('not-needed', directive, directive.name, 'connections are kept, and endpoints shared, anyway')
  return pool
}

function endpointOf(
  server: Directive,
  scheme: string,
  host: string,
  draft: Draft
): readonly (string | Options)[] {
  const [address = '', ...parameters] = server.args
  const url = urlOf(scheme, address)
  if (url === null) {
    draft.note('left-out', server, 'server', `${address} is no address that a URL can name`)
    return []
  }
  const endpoint: Options = { url }
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=')
    if (name === 'weight') endpoint.weight = Number(value)
    else if (name === 'down') endpoint.weight = 0
    else if (name === 'slow_start' || name === 'max_conns' || name === 'route' || name === 'service')
      draft.note(
        'left-out',
        server,
        parameter,
        'set `slowStart` or `connections.max` of the pool, for all endpoints alike'
      )
    else if (!['max_fails', 'fail_timeout', 'backup', 'resolve'].includes(name))
      draft.note('left-out', server, parameter, 'it is not known')
  }
  // nginx says the name of the upstream in Host.
  if (scheme === 'http' && /^[a-z\d.-]+(:\d+)?$/i.test(host)) endpoint.authority = host.toLowerCase()
  return [endpoint]
}

function balancingOf(scope: Scope, endpoints: number, draft: Draft): Options {
  const [way] = scope.ownOf(['least_conn', 'ip_hash', 'hash', 'random', 'least_time', 'fair', 'sticky'])
  if (way === undefined) return endpoints > 1 ? { balancing: 'weighted-round-robin' } : {}
  const spread = 'the same keys may meet other servers than with nginx'
  if (way.name === 'least_conn') return { balancing: 'least-connections' }
  if (way.name === 'ip_hash' || way.name === 'hash') {
    const key = way.name === 'ip_hash' ? 'client' : hashKey(way.args[0] ?? '')
    if (key !== undefined) {
      draft.note('differs', way, way.name, spread)
      return { balancing: { type: 'consistent-hash', key, boundedLoad: false } }
    }
  }
  if (way.name === 'random') return { balancing: way.args[0] === 'two' ? 'p2c' : 'random' }
  if (way.name === 'least_time') return { balancing: 'peak-ewma' }
  draft.note('left-out', way, way.name, 'the default, p2c, chooses; `sticky` and `consistent-hash` may fit')
  return {}
}

function hashKey(text: string): string | undefined {
  if (/^\$(binary_)?remote_addr$/.test(text)) return 'client'
  if (text === '$uri') return 'path'
  const [, kind, name = ''] = /^\$(http|cookie|arg)_(\w+)$/.exec(text) ?? []
  if (kind === undefined) return undefined
  return kind === 'http' ? `header:${headerOf(name)}` : kind === 'cookie' ? `cookie:${name}` : `query:${name}`
}

function detectionOf(servers: readonly Directive[], draft: Draft): Options | undefined {
  const parameterOf = ({ args }: Directive, name: string, fallback: string): string =>
    args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1) ?? fallback
  const kinds = new Set(
    servers.map(
      (server) => `${parameterOf(server, 'max_fails', '1')} ${parameterOf(server, 'fail_timeout', '10')}`
    )
  )
  const [first] = servers
  if (first === undefined) return undefined
  if (kinds.size > 1)
    draft.note(
      'differs',
      first,
      'max_fails',
      'a pool has one limit for all its endpoints: that of the first server'
    )
  const fails = Number(parameterOf(first, 'max_fails', '1'))
  const ejection = durationOf(parameterOf(first, 'fail_timeout', '10')) ?? '10s'
  return {
    consecutiveErrors: 0,
    consecutiveLocalErrors: fails,
    ...(fails === 0 || ejection === '0ms' ? {} : { ejection, maxEjection: ejection, maxEjectionPercent: 99 })
  }
}

/** The URL of an address of nginx; `null` for sockets and what has variables. */
function urlOf(scheme: string, address: string): string | null {
  if (address === '' || address.startsWith('unix:') || address.includes('$')) return null
  const url = `${scheme}://${address}`
  return URL.canParse(url) && new URL(url).pathname === '/' ? url : null
}

function idOf(host: string, scheme: string, draft: Draft): string {
  const id = host.replaceAll(/[^\w.-]+/g, '-').replaceAll(/^-+|-+$/g, '')
  const url = JSON.stringify(draft.pools[id]?.endpoints ?? '')
  const other = scheme === 'https' ? '"http:' : '"https:'
  return url.includes(other) || (url.includes(other.slice(1)) && url.includes(`${other.slice(1)}//`))
    ? `${id}-${scheme}`
    : id
}
