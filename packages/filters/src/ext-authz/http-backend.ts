import type { Gateway, Pool, PoolResponse } from '@gatewright/core'
import type { AskRequest } from '../backend.js'
import type { FieldChange, FilterRequest, RequestDecision } from '../filter.js'
import type { ExtAuthzHttpSettings } from '../settings.js'

const TO_REMOVE = 'x-envoy-auth-headers-to-remove'
const PARTIAL_BODY = 'x-envoy-auth-partial-body'

/**
 * Asks a service as Envoy's `ext_authz` does over HTTP: it gets the request's method, path and host, and a part of its header
 * fields. 200 allows, 5xx is no decision, any other status denies.
 */
export function httpAuthorization(gateway: Gateway, pool: Pool, settings: ExtAuthzHttpSettings): AskRequest {
  const { pathPrefix, maxBytes } = settings
  return (request, timeoutMs, said) => {
    const { exchange, body } = request
    const calling = gateway.callPool(
      exchange,
      {
        pool,
        method: exchange.method,
        path: `${pathPrefix}${exchange.path}${exchange.upstreamQuery ?? exchange.query}`,
        host: exchange.ingress.authority,
        headers: headersFor(request, settings),
        body: body === null || body.length === 0 ? null : body,
        timeoutMs: Math.max(1, Math.floor(timeoutMs)),
        maxBytes
      },
      (error, response) => {
        if (response === null) said(new Error(`pool '${pool.id}': ${whyOf(error)}`), null)
        else if (response.status >= 500)
          said(new Error(`pool '${pool.id}' answered ${response.status}`), null)
        else said(null, decisionOf(response, settings))
      }
    )
    return { cancel: () => calling.clientGone() }
  }
}

function whyOf(error: { readonly reason: string; readonly detail: string } | null): string {
  return `${error?.reason ?? 'no response'}${error?.detail ? `: ${error.detail}` : ''}`
}

function headersFor(
  { exchange, headers, body, isPartial }: FilterRequest,
  { tells, headersToAdd }: ExtAuthzHttpSettings
): string[] {
  const list: string[] = []
  for (const name of Object.keys(headers))
    if (tells(name) && name !== PARTIAL_BODY)
      list.push(name, Buffer.from(headers[name] as string, 'utf8').toString('latin1'))
  for (const name of Object.keys(headersToAdd)) list.push(name, headersToAdd[name] as string)
  const host = exchange.ingress.authority
  if (host !== '') list.push('x-forwarded-host', host)
  if (body !== null) list.push(PARTIAL_BODY, String(isPartial))
  return list
}

function decisionOf(
  { status, headers, body }: PoolResponse,
  { toUpstream, toClientAllowed, toClientDenied }: ExtAuthzHttpSettings
): RequestDecision {
  if (status !== 200)
    return {
      answer: { status, headers: changesFor(headers, toClientDenied), body, denies: true }
    }
  return {
    headers: [...changesFor(headers, toUpstream), ...removals(headers)],
    responseHeaders: changesFor(headers, toClientAllowed)
  }
}

// Several values of one name stay several: the first takes the place of what was there.
function changesFor(headers: PoolResponse['headers'], wanted: (name: string) => boolean): FieldChange[] {
  const changes: FieldChange[] = []
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    if (!wanted(name)) continue
    for (const [index, value] of [headers[i + 1] as string | string[]].flat().entries())
      changes.push({
        name,
        value: Buffer.from(value, 'latin1').toString('utf8'),
        how: index === 0 ? 'set' : 'append'
      })
  }
  return changes
}

function removals(headers: PoolResponse['headers']): FieldChange[] {
  const at = headers.indexOf(TO_REMOVE)
  if (at === -1) return []
  return [headers[at + 1] as string | string[]]
    .flat()
    .join(',')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'host')
    .map((name) => ({ name, value: '', how: 'remove' }))
}
