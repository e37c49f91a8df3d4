import { checkMethod, isAuthority } from '@gatewright/core'
import type { RequestTransform, ResponseTransform, TransformConfig } from './config/config.js'
import { checkCookies } from './cookies/check.js'
import { checkHeaders } from './headers/check.js'
import { checkWhen } from './headers/when.js'
import { checkJson } from './json/check.js'
import { checkQuery } from './query/check.js'
import { checkStatusMap } from './status/status-map.js'
import { checkTemplate } from './template/template.js'

/** Yields the problems of `transform` that the schema cannot see. */
export function* checkTransform(config: TransformConfig, at: string): Iterable<string> {
  if (config === false) return
  if (config.request !== undefined) yield* checkRequest(config.request, `${at}.request`)
  if (config.response !== undefined) yield* checkResponse(config.response, `${at}.response`)
}

function* checkRequest(
  { method, host, headers, query, json }: RequestTransform,
  at: string
): Iterable<string> {
  if (typeof method === 'string') yield* checkTarget(method, '*', `${at}.method`)
  else
    for (const [from, to] of Object.entries(method ?? {})) {
      yield* checkMethod(from, `${at}.method`)
      yield* checkTarget(to, from, `${at}.method.${from}`)
    }
  if (host !== undefined) {
    yield* checkTemplate(host, `${at}.host`, 'request')
    if (!/[{}]/.test(host) && !isAuthority(host))
      yield `${at}.host: '${host}' must be a host with an optional port`
  }
  if (headers !== undefined) yield* checkHeaders(headers, `${at}.headers`, 'request')
  if (query !== undefined) yield* checkQuery(query, `${at}.query`)
  if (json !== undefined) yield* checkJson(json, `${at}.json`, 'request')
}

// The upstream's answer to HEAD has a length and no body, for which other clients would wait.
function* checkTarget(to: string, from: string, at: string): Iterable<string> {
  yield* checkMethod(to, at)
  if (to === 'HEAD' && from !== 'HEAD') yield `${at}: HEAD can stand for HEAD only: its answer has no body`
}

function* checkResponse(
  { status, location, cookies, headers = [], json }: ResponseTransform,
  at: string
): Iterable<string> {
  if (status !== undefined) yield* checkStatusMap(status, `${at}.status`)
  if (location !== undefined && location !== true)
    for (const [index, host] of (location.hosts ?? []).entries())
      if (!isAuthority(host))
        yield `${at}.location.hosts[${index}]: '${host}' must be a host with an optional port`
  if (cookies !== undefined) yield* checkCookies(cookies, `${at}.cookies`)
  for (const [index, { when, ...changes }] of [headers].flat().entries()) {
    const place = Array.isArray(headers) ? `${at}.headers[${index}]` : `${at}.headers`
    if (when !== undefined) yield* checkWhen(when, `${place}.when`)
    if (Object.keys(changes).length === 0) yield `${place}: changes nothing`
    yield* checkHeaders(changes, place, 'response')
  }
  if (json !== undefined) yield* checkJson(json, `${at}.json`, 'response')
}
