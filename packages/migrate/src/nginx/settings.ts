import type { Draft, Options } from '../draft.js'
import type { Scope } from './scope.js'
import { durationOf, sizeOf } from './units.js'

/** What of `http` and its servers is for the whole gateway: limits of the client side. */
export function settingsOf(scope: Scope, draft: Draft): void {
  const server: Options = {}
  const take = (name: string, key: string, read: (text: string) => unknown): void => {
    const directive = scope.one(name)
    const value = directive === undefined ? undefined : read(directive.args.at(-1) ?? '')
    if (value !== undefined) server[key] ??= value
  }
  take('client_header_timeout', 'headersTimeout', durationOf)
  const keep = scope.one('keepalive_timeout')
  const keepAlive = durationOf(keep?.args[0] ?? '')
  if (keepAlive !== undefined) server.keepAliveTimeout ??= keepAlive
  take('keepalive_requests', 'maxRequestsPerSocket', Number)
  take('large_client_header_buffers', 'maxHeaderSize', sizeOf)
  if (Object.keys(server).length > 0)
    draft.top.server = { ...server, ...((draft.top.server as Options) ?? {}) }
  const underscores = scope.one('underscores_in_headers')
  draft.top.underscores = underscores?.args[0] === 'on' ? 'keep' : 'drop'
  const merge = scope.one('merge_slashes')
  draft.top.paths = { policy: 'normalize', ...(merge?.args[0] === 'off' ? { duplicateSlashes: 'keep' } : {}) }
  const trusted = scope.all('set_real_ip_from').map(({ args }) => args[0] ?? '')
  const addresses = trusted.filter((address) => /^[\da-f.:/]+$/i.test(address))
  if (addresses.length > 0)
    draft.top.trustedProxies = [...new Set([...((draft.top.trustedProxies as string[]) ?? []), ...addresses])]
  const header = scope.one('real_ip_header')
  if (header !== undefined && header.args[0]?.toLowerCase() !== 'x-forwarded-for')
    draft.note('left-out', header, 'real_ip_header', 'the client is read from X-Forwarded-For, or Forwarded')
  const recursive = scope.one('real_ip_recursive')
  if (recursive !== undefined)
    draft.note('not-needed', recursive, recursive.name, 'all proxies in `trustedProxies` are passed over')
}
