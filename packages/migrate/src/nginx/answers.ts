import type { Draft, Options } from '../draft.js'
import type { Directive } from './directives.js'
import type { Scope } from './scope.js'
import { hasVariables, withConstants } from './variables.js'

const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** What a `return` answers, as options of a route; `null` where it cannot be told. `pattern` is that of the location. */
export function returnOf(directive: Directive, scope: Scope, draft: Draft, pattern?: string): Options | null {
  const [first = '', second] = directive.args
  const status = /^\d+$/.test(first) ? Number(first) : 302
  const text = withConstants(/^\d+$/.test(first) ? (second ?? '') : first, scope.constants)
  if (REDIRECTS.has(status) && text !== '') {
    const redirect = redirectOf(text, status, pattern)
    if (redirect === null)
      draft.note('left-out', directive, directive.name, `there is no redirect like ${text}`)
    else if (redirect.dropsQuery)
      draft.note('differs', directive, directive.name, 'the query of the request is kept')
    return redirect === null ? null : redirect.options
  }
  if (status === 444 || status < 200 || status > 599) {
    draft.note(
      'differs',
      directive,
      `return ${status}`,
      'the answer is 403: a connection is not closed without one'
    )
    return { respond: { status: 403 } }
  }
  if (hasVariables(text)) {
    draft.note('left-out', directive, directive.name, `the text '${text}' has variables; the answer has none`)
    return { respond: { status } }
  }
  const type = scope.one('default_type')?.args[0] ?? 'text/plain'
  return {
    respond: text === '' ? { status } : { status, headers: { 'content-type': type }, body: text }
  }
}

interface Redirect {
  readonly options: Options
  readonly dropsQuery: boolean
}

/** A redirect to a URL or path of nginx, with `$host`, `$scheme`, `$request_uri` and groups of `pattern` in it. */
export function redirectOf(url: string, status: number, pattern?: string): Redirect | null {
  const match =
    /^(?:(https?|\$scheme|\$\{scheme\}):\/\/([^/$:]+|\$(?:host|http_host|server_name)|\$\{host\})(?::(\d+|\$server_port))?)?(\/.*|\$.*|)$/.exec(
      url
    )
  if (match === null) return null
  const [, scheme, host, port, rest = ''] = match
  const target: Options = { status }
  if (scheme !== undefined && !scheme.includes('scheme')) target.scheme = scheme
  if (host !== undefined && !host.startsWith('$')) target.host = host
  if (port !== undefined && /^\d+$/.test(port)) target.port = Number(port)
  const withQuery = /^(.*?)(?:\$request_uri|\$\{request_uri\}|\$uri(?:\$is_args\$args)?)$/.exec(rest)
  const [path = ''] = rest.replace(/\$is_args\$args$/, '').split('?')
  const keeps = rest !== path
  if (withQuery !== null) {
    const [, before = ''] = withQuery
    if (before !== '' && before !== '/')
      return hasVariables(before)
        ? null
        : { options: { redirect: target, rewrite: { addPrefix: before } }, dropsQuery: false }
    return { options: { redirect: target }, dropsQuery: false }
  }
  if (/\?.+/.test(rest.replace('$is_args$args', '')) && !/\?\$(args|query_string)$/.test(rest)) return null
  if (path === '' && scheme !== undefined)
    return { options: { redirect: { ...target, path: '/' } }, dropsQuery: !keeps }
  if (!hasVariables(path)) return { options: { redirect: { ...target, path } }, dropsQuery: !keeps }
  if (pattern === undefined || /\$(?!\d)/.test(path)) return null
  return {
    options: { redirect: target, rewrite: { regex: { pattern, replacement: path } } },
    dropsQuery: !keeps
  }
}
