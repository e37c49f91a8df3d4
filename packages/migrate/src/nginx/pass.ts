import type { Options } from '../draft.js'
import type { Context } from './context.js'
import type { Directive } from './directives.js'
import { escaped, wholePattern } from './patterns.js'
import type { Scope } from './scope.js'
import { type Upstream, upstreamOf } from './upstream.js'
import { hasVariables, withConstants } from './variables.js'

/** Where a location forwards, and how the path is rewritten. */
export interface Pass {
  readonly upstream: Upstream
  readonly scheme: string
  readonly rewrite?: Options
}

/** What is known of the path of a location. */
export interface LocationPath {
  readonly kind: 'exact' | 'prefix' | 'regex' | 'named'
  /** The path, or the expression. */
  readonly text: string
}

/** Reads a `proxy_pass`; `null` where it leads is found out at run time only. */
export function passOf(
  directive: Directive,
  path: LocationPath,
  scope: Scope,
  context: Context
): Pass | null {
  const { draft } = context
  const url = withConstants(directive.args[0] ?? '', scope.constants)
  const [, scheme, host, rest = ''] = /^(https?):\/\/([^/$?]+|\[[^\]]+\](?::\d+)?)(.*)$/.exec(url) ?? []
  if (scheme === undefined || host === undefined) {
    draft.note('left-out', directive, 'proxy_pass', `where '${url}' leads is known at run time only`)
    return null
  }
  const upstream = upstreamOf(scheme, host, directive, context)
  if (upstream === null) {
    draft.note('left-out', directive, 'proxy_pass', `'${host}' is nothing that an endpoint could be`)
    return null
  }
  const rewrite = rewriteOf(rest, path, directive, context)
  if (rewrite === null) return null
  return { upstream, scheme, ...(Object.keys(rewrite).length > 0 ? { rewrite } : {}) }
}

function rewriteOf(
  rest: string,
  { kind, text }: LocationPath,
  directive: Directive,
  { draft }: Context
): Options | null {
  if (/^(\$request_uri|\$uri(\$is_args\$args)?)?$/.test(rest)) return {}
  const uri = rest.replace(/(\$is_args|\?)\$(args|query_string)$/, '')
  if (uri.includes('?')) {
    draft.note(
      'left-out',
      directive,
      'proxy_pass',
      'the query in its URL: set it by `transform.request.query.set`'
    )
  }
  const [target = ''] = uri.split('?')
  if (hasVariables(target)) {
    const whole = kind === 'regex' ? wholePattern(text) : undefined
    if (whole === undefined || 'problem' in whole || /\$(?!\d|\{?[a-zA-Z_]\w*\}?)/.test(target)) {
      draft.note('left-out', directive, 'proxy_pass', `the path '${target}' is known at run time only`)
      return null
    }
    const replacement = target.replaceAll(/\$\{?([a-zA-Z_]\w*)\}?/g, '$<$1>')
    const groups = new Set([...whole.pattern.matchAll(/\(\?<(\w+)>/g)].map(([, name]) => name))
    const unknown = [...replacement.matchAll(/\$<(\w+)>/g)].find(([, name]) => !groups.has(name))
    if (unknown === undefined) return { regex: { pattern: whole.pattern, replacement } }
    draft.note('left-out', directive, 'proxy_pass', `the path '${target}' is known at run time only`)
    return null
  }
  if (kind === 'exact') return target === text ? {} : { set: target }
  if (kind !== 'prefix') {
    draft.note(
      'left-out',
      directive,
      'proxy_pass',
      `the path '${target}' is for locations without an expression`
    )
    return {}
  }
  if (target === text) return {}
  // nginx puts texts together: /a before / makes // of /a/x.
  const isWhole = text.endsWith('/') === target.endsWith('/')
  if (isWhole || (!text.endsWith('/') && target === '/')) {
    if (!isWhole)
      draft.note('differs', directive, 'proxy_pass', `${text}/x goes on as /x, where nginx makes //x of it`)
    const strip = text.replace(/\/$/, '')
    const add = target.replace(/\/$/, '')
    return { ...(strip === '' ? {} : { stripPrefix: strip }), ...(add === '' ? {} : { addPrefix: add }) }
  }
  return { regex: { pattern: `^${escaped(text)}`, replacement: target.replaceAll('$', '$$$$') } }
}
