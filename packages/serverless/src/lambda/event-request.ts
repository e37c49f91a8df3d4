import type { LambdaEvent } from './event-types.js'

/** A request as it is sent to the gateway. */
export interface EventRequest {
  readonly method: string
  /** Path and query. */
  readonly target: string
  /** Names and values in turn, a name as often as it was sent. */
  readonly headers: readonly string[]
  readonly body: Buffer | null
}

/** What only the host may say. A client's own copies are dropped. */
const HOSTS_OWN = new Set([
  'forwarded',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-forwarded-prefix'
])
/** What belongs to the client's connection, and to the length that is said anew. */
const CONNECTION = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'content-length',
  'expect'
])

/**
 * The request that an event stands for. The client's address comes last in X-Forwarded-For, the id of the request is
 * Lambda's, and X-Forwarded-Proto says https, which is all that Lambda's front doors speak but load balancers, which say it
 * themselves. The query is passed on as it came; where an event has it in decoded parts alone (REST APIs), it is put together.
 */
export function requestOf(event: LambdaEvent): EventRequest {
  const { requestContext = {}, body, isBase64Encoded } = event
  const bytes =
    body == null || body === '' ? null : Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8')
  const headers: string[] = []
  const chain: string[] = []
  let proto = 'https'
  for (const [name, value] of fieldsOf(event)) {
    const lower = name.toLowerCase()
    if (lower === 'x-forwarded-for') chain.push(value)
    else if (lower === 'x-forwarded-proto' && requestContext.elb !== undefined) proto = value
    else if (lower === 'x-request-id' && requestContext.requestId !== undefined) continue
    else if (!HOSTS_OWN.has(lower) && !CONNECTION.has(lower)) headers.push(name, value)
  }
  if ((event.cookies ?? []).length > 0) headers.push('cookie', (event.cookies ?? []).join('; '))
  const source = requestContext.http?.sourceIp ?? requestContext.identity?.sourceIp ?? ''
  const told = chain.join(', ')
  if (source !== '' && told.slice(told.lastIndexOf(',') + 1).trim() !== source) chain.push(source)
  if (chain.length > 0) headers.push('x-forwarded-for', chain.join(', '))
  headers.push('x-forwarded-proto', proto === 'http' ? 'http' : 'https')
  if (requestContext.requestId !== undefined) headers.push('x-request-id', requestContext.requestId)
  const method = requestContext.http?.method ?? event.httpMethod ?? 'GET'
  if (bytes !== null) headers.push('content-length', String(bytes.length))
  else if (BODY_EXPECTED.has(method)) headers.push('content-length', '0')
  return { method, target: targetOf(event), headers, body: bytes }
}

const BODY_EXPECTED = new Set(['POST', 'PUT', 'PATCH'])

function* fieldsOf({ headers, multiValueHeaders }: LambdaEvent): Iterable<[string, string]> {
  for (const [name, values] of Object.entries(multiValueHeaders ?? {}))
    for (const value of values ?? []) yield [name, value]
  for (const [name, value] of Object.entries(headers ?? {}))
    if (value !== undefined && multiValueHeaders?.[name] === undefined) yield [name, value]
}

function targetOf(event: LambdaEvent): string {
  const path = (event.rawPath ?? event.path ?? '/').replaceAll(
    /[^\x21-\x7e]+|["#<>?\\^`{|}]|%(?![\dA-Fa-f]{2})/gu,
    encode
  )
  const query = event.rawQueryString ?? queryOf(event)
  return `${path.startsWith('/') ? path : `/${path}`}${query === '' ? '' : `?${query.replaceAll(/[^\x21-\x7e]+|#/gu, encode)}`}`
}

// Of load balancers names and values come as they were sent, of REST APIs decoded.
function queryOf({
  requestContext,
  multiValueQueryStringParameters,
  queryStringParameters
}: LambdaEvent): string {
  const quote = requestContext?.elb === undefined ? encodeURIComponent : (text: string) => text
  const parts: string[] = []
  for (const [name, value] of Object.entries(multiValueQueryStringParameters ?? queryStringParameters ?? {}))
    for (const one of [value ?? ''].flat() as string[]) parts.push(`${quote(name)}=${quote(one)}`)
  return parts.join('&')
}

function encode(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
}
