import { CLOSED, type Options } from '../draft.js'
import type { Answer } from './answer.js'
import { returnOf } from './answers.js'
import { conditionOf } from './conditions.js'
import type { Context } from './context.js'
import type { Directive } from './directives.js'
import { type FindLocation, guardsOf } from './guards.js'
import { requestChanges, responseChanges } from './headers.js'
import { compressionOf, rateLimitsOf } from './limits.js'
import { type LocationPath, passOf } from './pass.js'
import { wholePattern } from './patterns.js'
import { forwardingOf, tellUpstreamTls } from './proxy.js'
import { exceptMethods, rewriteAnswer } from './rewrites.js'
import type { Scope } from './scope.js'

/** What the translation of a location needs besides. */
export interface Surroundings {
  readonly context: Context
  /** The scope of the location by its path, or by its `@name`. */
  readonly find: FindLocation
}

/** Translates what a location does. */
export function answersOf(
  directive: Directive,
  path: LocationPath,
  scope: Scope,
  around: Surroundings
): readonly Answer[] {
  const headers = responseChanges(scope, around.context, false)
  const withHeaders = (answer: Answer): Answer =>
    headers === undefined || answer.options.transform !== undefined
      ? answer
      : { ...answer, options: { ...answer.options, transform: { response: headers } } }
  return answersIn(directive, path, scope, around).map(withHeaders)
}

function answersIn(
  directive: Directive,
  path: LocationPath,
  scope: Scope,
  around: Surroundings
): readonly Answer[] {
  const { context } = around
  const answers: Answer[] = []
  const guards = guardsOf(scope, around.find, context)
  let rewrite: Options | undefined
  for (const own of scope.ownOf(['if', 'rewrite', 'return', 'limit_except'])) {
    if (own.name === 'if') answers.push(...conditional(own, path, scope, around))
    else if (own.name === 'limit_except') answers.push(...exceptMethods(own, scope, context))
    else if (own.name === 'return') {
      const pattern = path.kind === 'regex' ? patternOf(path.text) : undefined
      const options = returnOf(own, scope, context.draft, pattern) ?? CLOSED
      return [...answers, finished(options, own, scope, around, guards.options)]
    } else {
      const rewritten = rewriteAnswer(own, context)
      if (rewritten === null) continue
      if ('answer' in rewritten) answers.push(rewritten.answer)
      else if (rewrite === undefined) rewrite = rewritten.rewrite
      else context.draft.note('left-out', own, 'rewrite', 'a route has one rewrite: the first one')
    }
  }
  if (guards.isClosed) return [...answers, { options: CLOSED, place: directive }]
  return [...answers, forwarded(directive, path, scope, around, guards.options, rewrite)]
}

function patternOf(source: string): string | undefined {
  const whole = wholePattern(source)
  return 'pattern' in whole ? whole.pattern : undefined
}

function forwarded(
  directive: Directive,
  path: LocationPath,
  scope: Scope,
  around: Surroundings,
  guards: Options,
  rewrite?: Options
): Answer {
  const { context, find } = around
  const own = scope.own('proxy_pass').at(-1)
  const files = scope.one('try_files')
  const named = files?.args.at(-1) ?? ''
  if (own === undefined && named.startsWith('@')) {
    const target = find(named)
    const pass = target?.own('proxy_pass').at(-1)
    if (files !== undefined)
      context.draft.note('left-out', files, 'try_files', `files are not served: all requests go to ${named}`)
    if (target !== undefined && pass !== undefined)
      return forward(pass, { kind: 'named', text: '' }, target, around, guards, rewrite)
  }
  if (own !== undefined) return forward(own, path, scope, around, guards, rewrite)
  const other = scope.ownOf([
    'fastcgi_pass',
    'uwsgi_pass',
    'scgi_pass',
    'grpc_pass',
    'memcached_pass',
    'root',
    'alias',
    'index',
    'content_by_lua_block',
    'stub_status',
    'autoindex',
    'empty_gif',
    'internal',
    'deny'
  ])
  for (const found of other)
    if (found.name !== 'internal' && found.name !== 'deny')
      context.draft.note(
        'left-out',
        found,
        found.name,
        'only HTTP is forwarded, and no files are served: the route answers 404'
      )
  if (files !== undefined)
    context.draft.note('left-out', files, 'try_files', 'files are not served: the route answers 404')
  if (other.length === 0 && files === undefined)
    context.draft.note(
      'left-out',
      directive,
      'location',
      'nothing in it could be translated: the route answers 404'
    )
  return finished({ respond: { status: 404 } }, directive, scope, around, guards)
}

function forward(
  pass: Directive,
  path: LocationPath,
  scope: Scope,
  around: Surroundings,
  guards: Options,
  rewrite?: Options
): Answer {
  const { context } = around
  // A path that was rewritten goes on as it is, whatever stands in proxy_pass.
  const found = passOf(pass, rewrite === undefined ? path : { kind: 'exact', text: '' }, scope, context)
  if (found === null) return { options: CLOSED, place: pass }
  const { upstream, scheme } = found
  if (scheme === 'https') tellUpstreamTls(scope, upstream.pool, pass, context)
  const changes = requestChanges(scope, context)
  const request = changes.transform
  const response = responseChanges(scope, context, true)
  const options: Options = {
    ...forwardingOf(scope, upstream, context),
    ...guards,
    ...(changes.preserveHost === true ? { preserveHost: true } : {}),
    ...(rewrite !== undefined ? { rewrite } : found.rewrite === undefined ? {} : { rewrite: found.rewrite }),
    ...shared(scope, context),
    transform: {
      ...(request === undefined ? {} : { request }),
      ...(response === undefined ? {} : { response })
    }
  }
  if (Object.keys(options.transform as Options).length === 0) delete options.transform
  return { options, place: pass }
}

function finished(
  options: Options,
  place: Directive,
  scope: Scope,
  { context }: Surroundings,
  guards: Options
): Answer {
  const result = { ...options, ...guards, ...shared(scope, context) }
  // A `return` comes before whatever asks who it is.
  if (place.name === 'return')
    for (const key of Object.keys(guards)) if (!(key in options)) delete result[key]
  return { options: result, place }
}

function shared(scope: Scope, context: Context): Options {
  const limits = rateLimitsOf(scope, context)
  const compression = compressionOf(scope, context)
  return {
    ...(limits.length === 0 ? {} : { rateLimit: limits.length === 1 ? limits[0] : limits }),
    ...(compression === undefined ? {} : { compression })
  }
}

function conditional(
  directive: Directive,
  path: LocationPath,
  scope: Scope,
  around: Surroundings
): readonly Answer[] {
  const { draft } = around.context
  const block = directive.block ?? []
  const condition = conditionOf(directive, scope)
  const inner = scope.within(block)
  const [action] = inner.ownOf(['return', 'proxy_pass', 'rewrite'])
  if (condition === null || action === undefined) {
    around.context.used.add(directive)
    scope.use(directive)
    const isGuard = block.some(({ name, args }) => name === 'return' && /^4/.test(args[0] ?? ''))
    draft.note(
      'left-out',
      directive,
      `if ${directive.args.join(' ')}`,
      isGuard
        ? 'DANGER: it refuses requests, which are let through'
        : 'there is no condition of routes like it'
    )
    return []
  }
  if (condition === 'tls') {
    scope.use(directive)
    draft.note(
      'left-out',
      directive,
      'if ($scheme)',
      'set `requireTls: redirect` once TLS is spoken here, or in front of it by proxies in `trustedProxies`'
    )
    return []
  }
  const found =
    action.name === 'return'
      ? returnOf(action, inner, draft)
      : action.name === 'proxy_pass'
        ? forward(action, path, inner, around, guardsOf(inner, around.find, around.context).options).options
        : null
  if (action.name === 'rewrite') {
    const answer = rewriteAnswer(action, around.context)
    if (answer !== null && 'answer' in answer)
      return [{ ...answer.answer, options: { ...answer.answer.options, ...condition } }]
  }
  if (found === null) {
    draft.note('left-out', directive, `if ${directive.args.join(' ')}`, 'what it does is not translated')
    return []
  }
  const response = action.name === 'return' ? responseChanges(inner, around.context, false) : undefined
  return [
    {
      options: { ...found, ...condition, ...(response === undefined ? {} : { transform: { response } }) },
      place: directive
    }
  ]
}
