import { CLOSED, type Options, usersOfNobody } from '../draft.js'
import type { Context } from './context.js'
import type { Directive } from './directives.js'
import type { Scope } from './scope.js'
import { upstreamOf } from './upstream.js'
import { headerOf } from './variables.js'

/** What lets some requests in and others not, as options of a route. `closed` where it could not be translated. */
export interface Guards {
  readonly options: Options
  readonly isClosed: boolean
}

/** How the location of `auth_request` is found. */
export type FindLocation = (path: string) => Scope | undefined

const UNKNOWN = [
  'ssl_verify_client',
  'auth_jwt',
  'auth_digest',
  'secure_link',
  'auth_ldap',
  'auth_pam',
  'access_by_lua_block',
  'access_by_lua_file',
  'access_by_lua'
]

/** Reads `auth_basic`, `auth_request`, `allow`, `deny` and what else decides who may. */
export function guardsOf(scope: Scope, find: FindLocation, context: Context): Guards {
  const { draft } = context
  const options: Options = {}
  const schemes: string[] = []
  let isClosed = false
  const basic = scope.one('auth_basic')
  const users = scope.one('auth_basic_user_file')
  if (basic !== undefined && basic.args[0] !== 'off') {
    draft.schemes.basic ??= usersOfNobody()
    draft.top.authentication ??= { realm: plainRealm(basic.args[0] ?? '') }
    schemes.push('basic')
    draft.note(
      'closed',
      users ?? basic,
      'auth_basic',
      'passwords of htpasswd cannot be taken over: list users in authentication.schemes.basic, each with the hash that hashPassword() makes'
    )
  }
  const request = scope.one('auth_request')
  if (request !== undefined && request.args[0] !== 'off') {
    const scheme = forwardScheme(scope, request, find, context)
    if (scheme === null) isClosed = true
    else schemes.push(scheme)
  }
  for (const name of UNKNOWN) {
    const directive = scope.one(name)
    if (directive === undefined || /^(off|optional)/.test(directive.args[0] ?? '')) continue
    isClosed = true
    draft.note('closed', directive, name, 'it is not translated: say who may by `auth` and `authorize`')
  }
  const addresses = addressesOf(scope, context)
  if (addresses === 'closed') isClosed = true
  else if (addresses !== undefined) options.authorize = { clients: addresses }
  const satisfy = scope.one('satisfy')
  if (satisfy?.args[0] === 'any' && schemes.length > 0 && addresses !== undefined) {
    draft.note('differs', satisfy, 'satisfy any', 'both the address and the credential are demanded')
  }
  if (schemes.length === 1) options.auth = schemes[0]
  else if (schemes.length > 1) options.auth = { all: schemes }
  return { options: isClosed ? CLOSED : options, isClosed }
}

function plainRealm(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]|["\\]/g, '') || 'gateway'
}

function addressesOf(scope: Scope, { draft }: Context): readonly string[] | 'closed' | undefined {
  // Both belong together: whichever stands innermost takes the place of all around it.
  const rules = scope.ownOrAround(['allow', 'deny'])
  if (rules.length === 0) return undefined
  const last = rules.at(-1) as Directive
  const allowed = rules.filter(({ name }) => name === 'allow').map(({ args }) => args[0] ?? '')
  const denied = rules.filter(({ name }) => name === 'deny')
  if (denied.length === 0 || (rules[0]?.args[0] === 'all' && rules[0].name === 'allow')) return undefined
  if (rules[0]?.name === 'deny' && rules[0].args[0] === 'all') {
    draft.note('not-needed', rules[0], 'deny all', 'the route answers 403')
    return 'closed'
  }
  const isList = denied.length === 1 && last.name === 'deny' && last.args[0] === 'all'
  if (isList && allowed.every((address) => /^[\da-f.:/]+$/i.test(address))) {
    draft.note(
      'differs',
      rules[0] as Directive,
      'allow',
      'addresses are those that `trustedProxies` let through'
    )
    return allowed
  }
  draft.note(
    'closed',
    denied[0] as Directive,
    'deny',
    'only a list of `allow` before `deny all` is translated: list who may in `authorize.clients`'
  )
  return 'closed'
}

function forwardScheme(
  scope: Scope,
  directive: Directive,
  find: FindLocation,
  context: Context
): string | null {
  const { draft } = context
  const target = find(directive.args[0] ?? '')
  const pass = target?.one('proxy_pass')
  const url = /^(https?):\/\/([^/$]+)(\/[^$?]*)?$/.exec(pass?.args[0] ?? '')
  if (target === undefined || pass === undefined || url === null) {
    draft.note(
      'closed',
      directive,
      'auth_request',
      'where it leads could not be found out: add a scheme of type `forward`'
    )
    return null
  }
  const upstream = upstreamOf(url[1] as string, url[2] as string, pass, context)
  if (upstream === null) {
    draft.note('closed', directive, 'auth_request', 'its upstream could not be translated')
    return null
  }
  const name = (directive.args[0] ?? 'auth').replaceAll(/[^\w]+/g, '-').replaceAll(/^-+|-+$/g, '') || 'auth'
  const sent = ['authorization', 'cookie']
  for (const { args } of target.all('proxy_set_header')) {
    const source = /^\$http_(\w+)$/.exec(args[1] ?? '')?.[1]
    if (source !== undefined && source !== 'host') sent.push(headerOf(source))
  }
  draft.schemes[name] ??= {
    type: 'forward',
    pool: upstream.pool,
    path: url[3] ?? directive.args[0] ?? '/',
    requestHeaders: [...new Set(sent)],
    ...takenOver(scope, context)
  }
  draft.note(
    'differs',
    directive,
    'auth_request',
    `the service gets the headers ${[...new Set(sent)].join(', ')} and X-Forwarded-Method, -Proto, -Host, -Uri and -For`
  )
  return name
}

function takenOver(scope: Scope, { draft }: Context): Options {
  const headers: string[] = []
  const sets = scope.all('proxy_set_header')
  for (const directive of scope.all('auth_request_set')) {
    const [variable = '', value = ''] = directive.args
    const source = /^\$upstream_http_(\w+)$/.exec(value)?.[1]
    const target = sets.find(({ args }) => args[1] === variable)?.args[0]?.toLowerCase()
    if (source !== undefined && target === headerOf(source)) headers.push(target)
    else
      draft.note(
        'left-out',
        directive,
        'auth_request_set',
        'only headers that go upstream by the name they have are taken over'
      )
  }
  return headers.length > 0 ? { responseHeaders: headers } : {}
}
