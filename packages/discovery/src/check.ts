import { isIP } from 'node:net'
import { checkAuthority, durationMs } from '@gatewright/core'
import type { DiscoveryConfig } from './config/config.js'

/** Yields the problems of `discovery` that the schema cannot see. */
export function* checkDiscovery(config: DiscoveryConfig, at: string): Iterable<string> {
  if ('source' in config) {
    if (typeof config.source !== 'function') yield `${at}.source: must be a function`
  } else if ('dns' in config) {
    const { dns, type = 'A', port, authority, server, minRefresh = '5s', maxRefresh = '5m' } = config
    if (type === 'SRV' && port !== undefined) yield `${at}.port: SRV records bring their own ports`
    if (type !== 'SRV' && port === undefined) yield `${at}: 'port' is missing`
    if (authority !== undefined) yield* checkAuthority(authority, `${at}.authority`)
    else if (type !== 'SRV') yield* checkAuthority(dns, `${at}.dns`)
    if ((durationMs(minRefresh) as number) > (durationMs(maxRefresh) as number))
      yield `${at}.minRefresh: '${minRefresh}' must not be longer than maxRefresh (${maxRefresh})`
    if (server !== undefined && !isServer(server))
      yield `${at}.server: '${server}' must be an address such as '10.0.0.2:53'`
  }
}

function isServer(text: string): boolean {
  const match = /^(?:\[([^\]]+)\](?::(\d{1,5}))?|([^:]+)(?::(\d{1,5}))?)$/.exec(text)
  const [, bracketed, portBehind = '53', plain, port = portBehind] = match ?? []
  return isIP(bracketed ?? plain ?? text) !== 0 && Number(port) > 0 && Number(port) <= 65_535
}
