import { checkTlsMaterial, isManaged } from '@gatewright/core'
import type { ExtAuthzFilter, FiltersConfig } from './config/config.js'

const METADATA_NAME = /^[a-z0-9_.-]{1,100}$/
const METADATA_VALUE = /^[\x20-\x7e]*$/
const OF_CALLS = /^(?:grpc-.*|content-type|te|user-agent|host|connection|.*-bin)$/

/** Yields the problems of `filters` that the schema cannot see. */
export function* checkFilters(config: FiltersConfig, at: string): Iterable<string> {
  if (config === false) return
  const names = new Set<string>()
  for (const [index, one] of config.entries()) {
    const place = `${at}[${index}]`
    const { name = one.type } = one
    if (names.has(name))
      yield `${place}.name: '${name}' is taken by a filter before; give each its own 'name'`
    names.add(name)
    yield* checkCommon(one, place)
    yield* checkService(one, place)
  }
}

function* checkCommon({ writes = [] }: ExtAuthzFilter, at: string): Iterable<string> {
  for (const [index, name] of writes.entries())
    if (isManaged(name) && name !== 'host')
      yield `${at}.writes[${index}]: '${name}' is the gateway's own business; leave it out`
}

function* checkService({ target, tls, metadata = {} }: ExtAuthzFilter, at: string): Iterable<string> {
  const url = URL.canParse(target) ? new URL(target) : null
  if (url === null) yield `${at}.target: '${target}' is no URL`
  if (tls !== undefined && url !== null && url.protocol !== 'https:')
    yield `${at}.tls: does nothing for '${url.protocol}'; the target must begin with 'https:'`
  if (tls !== undefined) yield* checkTlsMaterial(tls, `${at}.tls`)
  for (const [name, value] of Object.entries(metadata)) {
    if (!METADATA_NAME.test(name) || OF_CALLS.test(name))
      yield `${at}.metadata: '${name}' cannot be a field of calls; use lower case, digits, _, - and .`
    else if (!METADATA_VALUE.test(value)) yield `${at}.metadata: '${name}' must be printable ASCII`
  }
}
