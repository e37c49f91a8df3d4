import type { Options } from '../draft.js'
import type { Context } from './context.js'
import type { Directive } from './directives.js'
import type { Scope } from './scope.js'
import { templateOf, withConstants } from './variables.js'

const OWN_FORWARDED = new Set([
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'forwarded'
])
/** Fields that a response has once. */
const ONCE = new Set([
  'content-type',
  'content-disposition',
  'location',
  'etag',
  'last-modified',
  'retry-after',
  'server'
])
const FRAMING = new Set(['connection', 'upgrade', 'content-length', 'transfer-encoding', 'keep-alive', 'te'])

/** What `proxy_set_header` and `proxy_method` make of requests, as `transform.request`, and whether Host is kept. */
export function requestChanges(
  scope: Scope,
  context: Context
): { readonly transform?: Options; readonly preserveHost?: true } {
  const set: Record<string, string> = {}
  const remove: string[] = []
  const transform: Options = {}
  let keepsHost = false
  for (const directive of scope.all('proxy_set_header')) {
    const [field = '', value = ''] = directive.args
    const name = field.toLowerCase()
    if (name === 'host') {
      const text = withConstants(value, scope.constants)
      if (text === '$proxy_host') continue
      if (['$http_host', '$host:$server_port', '$host:$proxy_port'].includes(text)) keepsHost = true
      else setValue(directive, text, (template) => (transform.host = template))
    } else if (OWN_FORWARDED.has(name)) tellForwarded(directive, name, context)
    else if (FRAMING.has(name)) tellFraming(directive, name, value, context)
    else if (value === '') remove.push(name)
    else if (scope.all('auth_request_set').some(({ args }) => args[0] === value)) continue
    else setValue(directive, value, (template) => (set[name] = template))
  }
  function setValue(directive: Directive, value: string, into: (template: string) => void): void {
    const translated = templateOf(value, scope.constants)
    if ('text' in translated) into(translated.text)
    else if (translated.unknown === '$scheme' || translated.unknown === '$https')
      context.draft.note(
        'left-out',
        directive,
        directive.args[0] ?? '',
        'the upstream reads X-Forwarded-Proto instead'
      )
    else
      context.draft.note(
        'left-out',
        directive,
        directive.args[0] ?? '',
        `there is nothing like ${translated.unknown}`
      )
  }
  const method = scope.one('proxy_method')
  if (method !== undefined && /^[A-Z]+$/i.test(method.args[0] ?? ''))
    transform.method = method.args[0]?.toUpperCase()
  const headers = {
    ...(remove.length > 0 ? { remove } : {}),
    ...(Object.keys(set).length > 0 ? { set } : {})
  }
  if (Object.keys(headers).length > 0) transform.headers = headers
  return {
    ...(Object.keys(transform).length > 0 ? { transform } : {}),
    ...(keepsHost ? { preserveHost: true as const } : {})
  }
}

function tellForwarded(directive: Directive, name: string, { draft }: Context): void {
  const what = directive.args[0] ?? name
  if (name === 'x-forwarded-for')
    draft.note(
      'differs',
      directive,
      what,
      'the gateway sets it; what clients send counts only from addresses in `trustedProxies`'
    )
  else draft.note('not-needed', directive, what, 'the gateway sets it')
}

function tellFraming(directive: Directive, name: string, value: string, { draft }: Context): void {
  const what = directive.args[0] ?? name
  if (name === 'upgrade' || (name === 'connection' && value !== ''))
    draft.note('left-out', directive, what, 'WebSockets and other upgrades are not forwarded')
  else draft.note('not-needed', directive, what, 'connections are the gateway’s own business')
}

/** What `add_header`, `proxy_hide_header`, `proxy_redirect` and cookie directives make of responses, as `transform.response`. */
export function responseChanges(scope: Scope, context: Context, forwards: boolean): Options | undefined {
  const response: Options = {}
  if (forwards) Object.assign(response, locationOf(scope, context), cookiesOf(scope, context))
  const headers: Options[] = []
  const hidden = forwards
    ? scope.all('proxy_hide_header').map(({ args }) => (args[0] ?? '').toLowerCase())
    : []
  if (hidden.length > 0) headers.push({ remove: hidden })
  for (const when of ['success', 'always'] as const) {
    const append: Record<string, string> = {}
    const set: Record<string, string> = {}
    for (const directive of scope.all('add_header')) {
      const [name = '', value = '', always] = directive.args
      if ((always === 'always') !== (when === 'always') || value === '') continue
      const translated = templateOf(value, scope.constants)
      if ('text' in translated)
        (ONCE.has(name.toLowerCase()) ? set : append)[name.toLowerCase()] = translated.text
      else context.draft.note('left-out', directive, name, `there is nothing like ${translated.unknown}`)
    }
    const added = {
      ...(Object.keys(set).length > 0 ? { set } : {}),
      ...(Object.keys(append).length > 0 ? { append } : {})
    }
    if (Object.keys(added).length > 0) headers.push({ when, ...added })
  }
  if (headers.length > 0) response.headers = headers
  return Object.keys(response).length > 0 ? response : undefined
}

function locationOf(scope: Scope, { draft }: Context): Options {
  const all = scope.all('proxy_redirect')
  if (all.length === 0 || all.some(({ args }) => args[0] === 'default')) return { location: true }
  for (const directive of all)
    if (directive.args[0] !== 'off')
      draft.note(
        'left-out',
        directive,
        directive.name,
        '`transform.response.location` turns back what the route rewrites, and nothing else'
      )
  return {}
}

function cookiesOf(scope: Scope, { draft }: Context): Options {
  const cookies: Options = {}
  const domains: Record<string, string> = {}
  for (const directive of scope.all('proxy_cookie_domain')) {
    const [from = '', to = ''] = directive.args
    if (from !== 'off' && /^[\w.-]+$/.test(from + to)) domains[from] = to
    else if (from !== 'off')
      draft.note('left-out', directive, directive.name, 'only plain names are translated')
  }
  if (Object.keys(domains).length > 0) cookies.domain = domains
  for (const directive of scope.all('proxy_cookie_path')) {
    const [from = '', to = ''] = directive.args
    if (from === 'off') continue
    if (from === '/' && /^\/[^;]*$/.test(to)) cookies.path = to
    else
      draft.note(
        'left-out',
        directive,
        directive.name,
        '`cookies.path: true` turns back what the route rewrites'
      )
  }
  for (const directive of scope.all('proxy_cookie_flags')) {
    const [name = '', ...flags] = directive.args
    if (name !== '~' && name !== '')
      draft.note('differs', directive, directive.name, 'it holds for all cookies')
    for (const flag of flags) {
      const [, no, key = '', value] = /^(no)?(secure|httponly|samesite)(?:=(\w+))?$/.exec(flag) ?? []
      if (key === 'samesite' && value !== undefined) cookies.sameSite = value.toLowerCase()
      else if (key !== '') cookies[key === 'httponly' ? 'httpOnly' : key] = no === undefined
    }
  }
  return Object.keys(cookies).length > 0 ? { cookies } : {}
}
