import { checkAuthority, checkFields, checkMethod } from '@gatewright/core'
import type { HealthConfig, OutlierConfig, UnhealthyConfig } from './config/config.js'
import { readRanges, resolveOutliers } from './settings.js'

/** Keys of HTTP probes only. */
const OF_HTTP = ['path', 'method', 'expectedStatus', 'degradedStatus', 'expectedBody'] as const
const OF_PROBES = [...OF_HTTP, 'protocol', 'service', 'headers'] as const
/** A gRPC probe encodes the length of the name in one byte. */
const LONGEST_SERVICE = 127

/** Yields the problems of `health` that the schema cannot see. */
export function* checkProbes(config: HealthConfig, at: string): Iterable<string> {
  const { check, protocol = 'http', method, headers = {}, service = '', expectedBody } = config
  // An empty Host would reach the default server of the endpoint.
  for (const [name, value] of Object.entries(headers))
    if (name.toLowerCase() === 'host') yield* checkAuthority(value, `${at}.headers.${name}`)
  if (check !== undefined) {
    if (typeof check !== 'function') yield `${at}.check: must be a function`
    for (const key of OF_PROBES)
      if (config[key] !== undefined) yield `${at}.${key}: does nothing: 'check' takes the place of the probe`
    return
  }
  for (const key of OF_HTTP)
    if (config[key] !== undefined && protocol !== 'http')
      yield `${at}.${key}: does nothing with protocol '${protocol}'`
  if (service !== '' && protocol !== 'grpc') yield `${at}.service: does nothing with protocol '${protocol}'`
  if (Buffer.byteLength(service) > LONGEST_SERVICE)
    yield `${at}.service: must be at most ${LONGEST_SERVICE} bytes`
  if (method !== undefined) yield* checkMethod(method, `${at}.method`)
  yield* checkFields(headers, `${at}.headers`)
  if (expectedBody !== undefined && typeof expectedBody !== 'string' && typeof expectedBody !== 'function')
    yield `${at}.expectedBody: must be a string or a function`
  for (const key of ['expectedStatus', 'degradedStatus'] as const)
    for (const [from, to] of readRanges(config[key] ?? ''))
      if (from > to) yield `${at}.${key}: '${from}-${to}' is not a range; did you mean '${to}-${from}'?`
}

/** Yields the problems of `outlierDetection` that the schema cannot see. */
export function* checkOutliers(config: false | OutlierConfig, at: string): Iterable<string> {
  const settings = resolveOutliers(config)
  if (settings !== null && settings.ejectionMs > settings.maxEjectionMs)
    yield `${at}.ejection: must not be longer than maxEjection (${settings.maxEjectionMs / 1_000}s)`
}

/** Yields the problems of `unhealthy` that the schema cannot see. */
export function* checkUnhealthy(config: UnhealthyConfig, at: string): Iterable<string> {
  const { policy = 'trickle', panicThresholdPercent = 0 } = config
  if (panicThresholdPercent > 0 && policy !== 'all')
    yield `${at}.panicThresholdPercent: does nothing with policy '${policy}'; give policy 'all'`
}
