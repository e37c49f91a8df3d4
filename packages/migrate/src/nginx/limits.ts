import type { Options } from '../draft.js'
import type { Context } from './context.js'
import type { Directive } from './directives.js'
import type { Scope } from './scope.js'
import { headerOf } from './variables.js'

/** What `limit_req` and `limit_conn` say, as `rateLimit`. */
export function rateLimitsOf(scope: Scope, context: Context): readonly Options[] {
  const isDry = scope.one('limit_req_dry_run')?.args[0] === 'on'
  const connDry = scope.one('limit_conn_dry_run')?.args[0] === 'on'
  for (const name of ['limit_req_status', 'limit_conn_status']) {
    const status = scope.one(name)
    if (status !== undefined)
      context.draft.note(
        status.args[0] === '429' ? 'not-needed' : 'differs',
        status,
        name,
        'a refusal is a 429'
      )
  }
  const requests = scope.all('limit_req').flatMap((directive) => requestLimit(directive, isDry, context))
  const connections = scope
    .all('limit_conn')
    .flatMap((directive) => connectionLimit(directive, connDry, context))
  return [...requests, ...connections]
}

function requestLimit(directive: Directive, isDry: boolean, context: Context): readonly Options[] {
  const { draft, zones, used } = context
  const parameters = new Map(directive.args.map((arg) => [arg.split('=')[0] ?? '', arg.split('=')[1] ?? '']))
  const zone = parameters.get('zone') ?? ''
  const definition = zones.get(zone)
  const [, number, unit] =
    /^rate=(\d+)r\/([sm])$/.exec(definition?.args.find((arg) => arg.startsWith('rate=')) ?? '') ?? []
  if (definition === undefined || number === undefined)
    return tell(context, directive, `the zone '${zone}' is not there`)
  used.add(definition)
  const key = keyOf(definition.args[0] ?? '')
  if (key === undefined) return tell(context, directive, `there is no key like ${definition.args[0]}`)
  const burst = Number(parameters.get('burst') ?? 0) + 1
  if (!parameters.has('nodelay') && burst > 1)
    draft.note(
      'differs',
      directive,
      'limit_req',
      'nginx makes requests of a burst wait; here they go on at once'
    )
  draft.note('differs', directive, 'limit_req', 'a refusal is a 429, with Retry-After')
  return [
    shared(context, zone, {
      ...(unit === 's' ? { requestsPerSecond: Number(number) } : { limit: Number(number), window: '1m' }),
      burst,
      key,
      ...(isDry ? { mode: 'observe' } : {}),
      withoutKey: 'exempt',
      headers: 'none'
    })
  ]
}

function connectionLimit(directive: Directive, isDry: boolean, context: Context): readonly Options[] {
  const [zone = '', most = ''] = directive.args
  const definition = context.zones.get(zone)
  if (definition === undefined) return tell(context, directive, `the zone '${zone}' is not there`)
  context.used.add(definition)
  const key = keyOf(definition.args[0] ?? '')
  if (key === undefined) return tell(context, directive, `there is no key like ${definition.args[0]}`)
  context.draft.note('differs', directive, 'limit_conn', 'a refusal is a 429')
  return [
    shared(context, zone, {
      concurrent: Number(most),
      key,
      ...(isDry ? { mode: 'observe' } : {}),
      withoutKey: 'exempt'
    })
  ]
}

function tell({ draft }: Context, directive: Directive, message: string): readonly Options[] {
  draft.note('left-out', directive, directive.name, message)
  return []
}

// Routes of one name share a limit, and must agree on it.
function shared({ limits }: Context, zone: string, options: Options): Options {
  const text = JSON.stringify(options)
  let name = zone.replaceAll(/[^\w-]/g, '-')
  for (let number = 2; (limits.get(name) ?? text) !== text; number++) name = `${zone}-${number}`
  limits.set(name, text)
  const { withoutKey, ...others } = options
  return {
    name,
    ...others,
    ...(typeof options.key === 'object' && 'constant' in (options.key as object)
      ? {}
      : others.key === 'client'
        ? {}
        : { withoutKey })
  }
}

function keyOf(text: string): unknown {
  if (/^\$(binary_)?remote_addr$/.test(text)) return 'client'
  if (text === '$server_name' || text === '$host' || !text.includes('$'))
    return { constant: text.replaceAll(/\W/g, '') || 'all' }
  const [, kind, name = ''] = /^\$(http|cookie)_(\w+)$/.exec(text) ?? []
  if (kind === 'http') return { header: headerOf(name) }
  return kind === 'cookie' ? { cookie: name } : undefined
}

/** What `gzip` says, as `compression`. */
export function compressionOf(scope: Scope, { draft }: Context): unknown {
  const isOn = scope.one('gzip')?.args[0] === 'on'
  const types = scope.one('gzip_types')
  const level = scope.one('gzip_comp_level')
  const least = scope.one('gzip_min_length')
  for (const name of [
    'gzip_vary',
    'gzip_proxied',
    'gzip_buffers',
    'gzip_http_version',
    'gzip_disable',
    'gzip_static'
  ]) {
    const directive = scope.one(name)
    if (directive !== undefined)
      draft.note('not-needed', directive, name, 'compression is negotiated, and Vary is set')
  }
  if (!isOn) return undefined
  return {
    encodings: ['gzip'],
    threshold: `${/^\d+$/.test(least?.args[0] ?? '') ? least?.args[0] : '20'}B`,
    ...(types?.args.includes('*') ? {} : { types: [...new Set(['text/html', ...(types?.args ?? [])])] }),
    ...(level === undefined ? {} : { levels: { gzip: Number(level.args[0]) } })
  }
}
