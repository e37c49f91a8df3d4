import { CLOSED, type Draft, type Options } from '../draft.js'
import { writtenMs } from '../nginx/units.js'
import type { Tree } from '../tree/tree.js'
import { baseOf, expressionPath } from './paths.js'

/** What a `proxy` makes of a route. */
export interface Proxied {
  readonly options: Options
  /** What its condition says, where it has one. */
  readonly match?: Options
}

/** Reads a step of `proxy`; `undefined` where it is left out. */
export function proxyOf(
  step: Tree | undefined,
  match: Options,
  services: ReadonlyMap<string, Tree>,
  draft: Draft
): Proxied | undefined {
  const condition = conditionOf(step?.get('condition'))
  const action = step?.get('action')
  const name = action?.get('serviceEndpoint')?.text
  const service = name === undefined ? undefined : services.get(name)
  if (step === undefined || action === undefined || condition === null) {
    if (step !== undefined)
      draft.note(
        'left-out',
        step.place,
        'proxy',
        'its condition has nothing like it: make a route of its own for such requests'
      )
    step?.readAll()
    return undefined
  }
  const pool = service === undefined || name === undefined ? null : poolOf(name, service, action, draft)
  if (pool === null) {
    draft.note(
      'left-out',
      action.place,
      'serviceEndpoint',
      `there is no URL of '${name}': the route is closed`
    )
    action.readAll()
    return { options: CLOSED }
  }
  const base = baseOf(String(match.path))
  const ms = Number(action.get('proxyTimeout')?.text ?? action.get('timeout')?.text)
  const strips = action.get('stripPath')?.isTrue === true
  const ignores = action.get('ignorePath')?.isTrue === true
  for (const [key, message] of [
    ['secure', 'certificates are verified'],
    ['auth', 'set `authorization` by `transform.request.headers.set`'],
    ['prependPath', 'the path of the endpoint goes in front'],
    ['strategy', ''],
    ['xfwd', ''],
    ['ws', 'WebSockets are not forwarded'],
    ['followRedirects', 'redirects go to the client'],
    ['selfHandleResponse', '']
  ] as const) {
    const found = action.get(key)
    if (found !== undefined && message !== '') draft.note('differs', found.place, key, message)
  }
  return {
    options: {
      pool,
      ...(action.get('changeOrigin')?.text === 'false' ? { preserveHost: true } : {}),
      ...(ms > 0 ? { timeouts: { firstByte: writtenMs(ms), idle: writtenMs(ms) } } : {}),
      ...(ignores ? { rewrite: { set: '/' } } : strips ? strippedOf(base, String(match.path)) : {})
    },
    ...(condition === undefined ? {} : { match: condition })
  }
}

// Without a wildcard nothing is left of the path.
function strippedOf(base: string, path: string): Options {
  if (base === path) return { rewrite: { set: '/' } }
  return base === '' ? {} : { rewrite: { stripPrefix: base } }
}

// undefined: always; null: nothing like it.
function conditionOf(condition: Tree | undefined): Options | null | undefined {
  const name = condition?.get('name')?.text ?? 'always'
  if (condition === undefined || name === 'always') return undefined
  if (name === 'method')
    return { methods: condition.get('methods')?.texts.map((text) => text.toUpperCase()) ?? [] }
  const path = condition.get('path')?.text
  if (name === 'pathExact' && path !== undefined) return { path }
  const pattern = condition.get('pattern')?.text
  return name === 'pathMatch' && pattern !== undefined
    ? { path: expressionPath(pattern), caseSensitive: true, trailingSlash: 'strict' }
    : null
}

function poolOf(name: string, service: Tree, action: Tree, draft: Draft): string | null {
  if (draft.pools[name] !== undefined) return name
  const urls = [...(service.get('url')?.texts ?? []), ...(service.get('urls')?.texts ?? [])].map(resolved)
  const endpoints = urls
    .filter((url) => URL.canParse(url) && /^https?:/.test(url))
    .map((url) => url.replace(/\/$/, ''))
  for (const key of ['proxyOptions', 'proxy']) {
    const found = service.get(key)
    found?.readAll()
    if (found !== undefined)
      draft.note('left-out', found.place, key, 'give the pool `tls`, `timeouts` and `connections`')
  }
  if (endpoints.length === 0) {
    const host = `${name.toLowerCase().replaceAll(/[^a-z\d-]/g, '-')}.invalid`
    draft.note(
      'left-out',
      service.place,
      name,
      `it has no URL with http or https, or it is known at run time only: write it in place of http://${host}`
    )
    endpoints.push(`http://${host}`)
  }
  const isStatic = action.get('strategy')?.text === 'static'
  draft.pools[name] = {
    endpoints,
    ...(endpoints.length > 1 ? { balancing: isStatic ? 'first' : 'round-robin' } : {})
  }
  return name
}

/** `${NAME:-default}` as its default. */
export function resolved(text: string): string {
  return text.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')
}
