import { checkTlsMaterial, isManaged } from '@gatewright/core'
import type { ExtAuthzFilter, FiltersConfig, ServiceFilter } from './config/config.js'
import { isSecretHeader } from './secret-headers.js'

type FilterConfig = Exclude<FiltersConfig, false>[number]

const METADATA_NAME = /^[a-z0-9_.-]{1,100}$/
const PRINTABLE = /^[\x20-\x7e]*$/
const OF_CALLS = /^(?:grpc-.*|content-type|te|user-agent|host|connection|transfer-encoding|upgrade|.*-bin)$/

/** Yields the problems of `filters` that the schema cannot see. */
export function* checkFilters(config: FiltersConfig, at: string): Iterable<string> {
  if (config === false) return
  const names = new Set<string>()
  for (const [index, one] of config.entries()) {
    const place = `${at}[${index}]`
    const { name = one.type } = one
    if (names.has(name))
      yield `${place}.name: '${name}' is taken by a filter before it; give each its own 'name'`
    names.add(name)
    yield* checkOne(one, place)
  }
}

function* checkOne(one: FilterConfig, at: string): Iterable<string> {
  if (one.type !== 'structured_logger') yield* checkWrites(one.writes, at)
  if (one.type === 'ext_authz' || one.type === 'service') yield* checkService(one, at)
  if (one.type === 'ext_authz_http') {
    for (const [index, name] of (one.allowedUpstreamHeaders ?? []).entries())
      if (isManaged(name)) yield `${at}.allowedUpstreamHeaders[${index}]: '${name}' is written by the gateway`
    yield* checkFieldsOf(one.headersToAdd, `${at}.headersToAdd`, /^$/)
  }
  if (one.type === 'service' && one.body !== undefined && one.phases === 'response')
    yield `${at}.body: does nothing where only responses are asked about`
  if (one.type === 'function') {
    if (one.request === undefined && one.response === undefined)
      yield `${at}: does nothing; give 'request', 'response' or both`
    for (const phase of ['request', 'response'] as const)
      if (one[phase] !== undefined && typeof one[phase] !== 'function')
        yield `${at}.${phase}: must be a function`
    if (one.body !== undefined && one.request === undefined)
      yield `${at}.body: does nothing without 'request'`
  }
  if (one.type === 'structured_logger')
    for (const [index, name] of (one.headers ?? []).entries())
      if (name.endsWith('*') || isSecretHeader(name))
        yield `${at}.headers[${index}]: '${name}' ${name.endsWith('*') ? 'must be a whole name' : 'may carry a secret; leave it out'}`
}

function* checkWrites(writes: readonly string[] = [], at: string): Iterable<string> {
  for (const [index, name] of writes.entries())
    if (isManaged(name) && name !== 'host')
      yield `${at}.writes[${index}]: '${name}' is written by the gateway; leave it out`
}

function* checkService(one: ExtAuthzFilter | ServiceFilter, at: string): Iterable<string> {
  const { target, tls, metadata } = one
  const url = URL.canParse(target) ? new URL(target) : null
  if (url === null) yield `${at}.target: '${target}' is no URL`
  if (tls !== undefined && url !== null && url.protocol !== 'https:')
    yield `${at}.tls: does nothing for '${url.protocol}'; the target must begin with 'https:'`
  if (tls !== undefined) yield* checkTlsMaterial(tls, `${at}.tls`)
  yield* checkFieldsOf(metadata, `${at}.metadata`, OF_CALLS)
}

function* checkFieldsOf(
  fields: Readonly<Record<string, string>> = {},
  at: string,
  taken: RegExp
): Iterable<string> {
  for (const [name, value] of Object.entries(fields)) {
    if (!METADATA_NAME.test(name) || taken.test(name) || isManaged(name))
      yield `${at}: '${name}' cannot be set; use lower case, digits, _, - and .`
    else if (!PRINTABLE.test(value)) yield `${at}: '${name}' must be printable ASCII`
  }
}
