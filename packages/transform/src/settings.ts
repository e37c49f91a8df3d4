import type { RequestTransform, ResponseTransform, TransformConfig } from './config/config.js'
import { type CookieSettings, cookieSettings } from './cookies/cookie-settings.js'
import { HeadersEdit } from './headers/headers-edit.js'
import { type ChangesConfig, headersSettings } from './headers/settings.js'
import { resolveWhen } from './headers/when.js'
import { type JsonSettings, resolveJson } from './json/settings.js'
import type { LocationSettings } from './location/location-rewrite.js'
import { QueryEdit } from './query/query-edit.js'
import { compileStatusMap, type StatusMap } from './status/status-map.js'
import type { StatusRange } from './status-range.js'
import { Template } from './template/template.js'

/** What is changed in requests; `null` for nothing. */
export interface RequestSettings {
  /** By the client's method, `*` for all. */
  readonly method: ReadonlyMap<string, string> | null
  readonly host: Template | null
  readonly headers: HeadersEdit | null
  readonly query: QueryEdit | null
  readonly json: JsonSettings | null
}

/** Changes to the fields of responses with certain statuses. */
interface ResponseHeaders {
  /** `null` for all. */
  readonly when: readonly StatusRange[] | null
  /** For answers of upstreams. */
  readonly edit: HeadersEdit<string | string[]>
  /** For answers of the gateway's own. */
  readonly own: HeadersEdit<string | string[]>
}

/** What is changed in responses; `null` for nothing. */
export interface ResponseSettings {
  readonly status: StatusMap | null
  readonly location: LocationSettings | null
  readonly cookies: readonly CookieSettings[] | null
  readonly headers: readonly ResponseHeaders[]
  readonly json: JsonSettings | null
}

/** A `transform`, compiled. */
export interface TransformSettings {
  readonly config: Exclude<TransformConfig, false>
  readonly request: RequestSettings | null
  readonly response: ResponseSettings | null
  /** Path parameters without which something has no value. */
  readonly params: readonly string[]
}

/** Compiles a validated and checked `transform`; `null` for none. */
export function resolveTransform(config: TransformConfig | undefined): TransformSettings | null {
  if (config === undefined || config === false) return null
  const request = config.request === undefined ? null : requestSettings(config.request)
  const response = config.response === undefined ? null : responseSettings(config.response)
  const params = [
    ...(request?.host?.params ?? []),
    ...(request?.headers?.params ?? []),
    ...(request?.query?.params ?? []),
    ...(request?.json?.params ?? []),
    ...(response?.headers ?? []).flatMap(({ edit }) => edit.params),
    ...(response?.json?.params ?? [])
  ]
  return { config, request, response, params }
}

function requestSettings({ method, host, headers, query, json }: RequestTransform): RequestSettings {
  return {
    method:
      method === undefined
        ? null
        : new Map(Object.entries(typeof method === 'string' ? { '*': method } : method)),
    host: host === undefined ? null : new Template(host, 'field', 'request'),
    headers: headers === undefined ? null : new HeadersEdit(headersSettings(headers, 'request')),
    query: query === undefined ? null : new QueryEdit(query),
    json: resolveJson(json, 'request')
  }
}

function responseSettings({
  status,
  location,
  cookies,
  headers = [],
  json
}: ResponseTransform): ResponseSettings {
  return {
    status: status === undefined ? null : compileStatusMap(status),
    location: location === undefined ? null : locationSettings(location),
    cookies: cookies === undefined ? null : cookieSettings(cookies),
    headers: [headers].flat().map(responseHeaders),
    json: resolveJson(json, 'response')
  }
}

function locationSettings(location: NonNullable<ResponseTransform['location']>): LocationSettings {
  const { hosts = [], paths = 'upstream' } = location === true ? {} : location
  return { hosts: new Set(hosts.map((host) => host.toLowerCase())), undoes: paths === 'upstream' }
}

function responseHeaders({
  when,
  ...changes
}: ChangesConfig & { readonly when?: Parameters<typeof resolveWhen>[0] }): ResponseHeaders {
  const edit = new HeadersEdit<string | string[]>(headersSettings(changes, 'response'))
  return { when: resolveWhen(when), edit, own: edit.keepingAll }
}
