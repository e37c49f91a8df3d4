import type { Draft, Options } from '../draft.js'
import { writtenMs } from '../nginx/units.js'
import type { Tree } from '../tree/tree.js'
import { type HandlerChanges, readHandler, transformOf } from './handlers.js'

const NOT_NEEDED = [
  'logger',
  'logLevel',
  'logProvider',
  'xfwd',
  'plugins',
  'ejectPlugins',
  'timeout',
  'agent',
  'toProxy',
  'buffer',
  'preserveHeaderKeyCase',
  'prependPath'
]
const EVENTS: Readonly<Record<string, string>> = {
  onProxyReq: 'proxyReq',
  onProxyRes: 'proxyRes',
  onError: 'error',
  onProxyReqWs: 'proxyReqWs',
  onOpen: 'open',
  onClose: 'close'
}

/** What the options of a proxy say of its routes, besides target, paths and router. */
export function optionsOf(options: Tree, draft: Draft): Options {
  const result: Options = {}
  if (options.get('changeOrigin')?.isTrue !== true) result.preserveHost = true
  const ms = Number(options.get('proxyTimeout')?.text)
  if (ms > 0) result.timeouts = { firstByte: writtenMs(ms), idle: writtenMs(ms) }
  const changes: HandlerChanges = { request: { set: {}, remove: [] }, response: { set: {}, remove: [] } }
  for (const [name, value] of options.get('headers')?.fields ?? []) {
    if (value.text === undefined)
      draft.note('left-out', value.place, `headers.${name}`, 'its value is known at run time only')
    else if (name.toLowerCase() !== 'host')
      changes.request.set[name.toLowerCase()] = value.text.replaceAll(/[{}]/g, '$&$&')
    else draft.note('left-out', value.place, `headers.${name}`, 'set it by `transform.request.host`')
  }
  for (const [event, handler] of options.get('on')?.fields ?? []) readHandler(event, handler, changes, draft)
  for (const [name, event] of Object.entries(EVENTS)) {
    const handler = options.get(name)
    if (handler !== undefined) readHandler(event, handler, changes, draft)
  }
  const transform = transformOf(changes)
  const response = {
    ...((transform.response as Options | undefined) ?? {}),
    ...locationsOf(options, draft),
    ...cookiesOf(options)
  }
  if (Object.keys(response).length > 0) transform.response = response
  if (Object.keys(transform).length > 0) result.transform = transform
  tellOthers(options, draft)
  return result
}

function locationsOf(options: Tree, draft: Draft): Options {
  for (const name of ['hostRewrite', 'protocolRewrite']) {
    const found = options.get(name)
    if (found !== undefined)
      draft.note('differs', found.place, name, 'locations are those of the client’s own URL')
  }
  const isOn = options.get('autoRewrite')?.isTrue === true || options.get('hostRewrite') !== undefined
  return isOn ? { location: true } : {}
}

function cookiesOf(options: Tree): Options {
  const cookies: Options = {}
  const domain = options.get('cookieDomainRewrite')
  const path = options.get('cookiePathRewrite')
  const domainOf = (text: string | undefined): unknown => (text === '' || text === undefined ? false : text)
  if (domain?.content.kind === 'map')
    cookies.domain = Object.fromEntries(domain.fields.map(([name, value]) => [name, domainOf(value.text)]))
  else if (domain !== undefined && domain.text !== 'false') cookies.domain = domainOf(domain.text)
  const to = path?.content.kind === 'map' ? path.fields.find(([name]) => name === '*')?.[1].text : path?.text
  if (to !== undefined && to !== 'false' && to !== '') cookies.path = to
  return Object.keys(cookies).length > 0 ? { cookies } : {}
}

function tellOthers(options: Tree, draft: Draft): void {
  for (const name of NOT_NEEDED) {
    const found = options.get(name)
    if (found !== undefined)
      draft.note('not-needed', found.place, name, 'the gateway does so anyway, or it means nothing here')
  }
  const secure = options.get('secure')
  if (secure?.text === 'false')
    draft.note(
      'differs',
      secure.place,
      'secure',
      'certificates are verified: where one is not signed by a public authority, give the pool `tls.ca`'
    )
  const ws = options.get('ws')
  if (ws?.isTrue === true)
    draft.note('left-out', ws.place, 'ws', 'WebSockets and other upgrades are not forwarded')
  const auth = options.get('auth')
  if (auth !== undefined)
    draft.note(
      'left-out',
      auth.place,
      'auth',
      'set `authorization` by `transform.request.headers.set`, with a secret from a file'
    )
  for (const [name, message] of [
    ['selfHandleResponse', 'responses are changed by `transform.response`'],
    ['followRedirects', 'redirects go to the client'],
    ['ssl', 'give the pool `tls`'],
    ['forward', 'requests are not copied']
  ] as const) {
    const found = options.get(name)
    if (found !== undefined && found.text !== 'false') draft.note('left-out', found.place, name, message)
  }
}
