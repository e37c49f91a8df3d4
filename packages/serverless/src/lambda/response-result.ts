import type { LambdaEvent, LambdaResult } from './event-types.js'

/** What belongs to the connection with the gateway, not to the response; Lambda says the length itself. */
const CONNECTION = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'date'])
const TEXT =
  /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml|javascript)|application\/x-www-form-urlencoded)/i

/** A response's fields: those that come once, and cookies. */
export interface ResultFields {
  readonly headers: Record<string, string>
  readonly cookies: readonly string[]
}

/** The fields of a response; several of one name are joined, as RFC 9110, section 5.3, allows. */
export function fieldsOf(rawHeaders: readonly string[]): ResultFields {
  const headers: Record<string, string> = {}
  const cookies: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase()
    const value = rawHeaders[i + 1] as string
    if (name === 'set-cookie') cookies.push(value)
    else if (!CONNECTION.has(name))
      headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`
  }
  return { headers, cookies }
}

/** The result for a response that is there as a whole, in the form that goes with the event. Text is sent as it is, all else in Base64. */
export function resultOf(
  event: LambdaEvent,
  statusCode: number,
  rawHeaders: readonly string[],
  bytes: Buffer
): LambdaResult {
  const { headers, cookies } = fieldsOf(rawHeaders)
  const isText =
    bytes.length === 0 ||
    (headers['content-encoding'] === undefined && TEXT.test(headers['content-type'] ?? '') && isUtf8(bytes))
  const whole = { statusCode, body: bytes.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText }
  const { elb } = event.requestContext ?? {}
  if (event.version === '2.0' || (elb === undefined && event.rawPath !== undefined))
    return { ...whole, headers, cookies }
  if (elb !== undefined && event.multiValueHeaders == null) {
    const [cookie] = cookies
    return { ...whole, headers: cookie === undefined ? headers : { ...headers, 'set-cookie': cookie } }
  }
  const many: Record<string, string[]> = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value]])
  )
  return {
    ...whole,
    multiValueHeaders: cookies.length === 0 ? many : { ...many, 'set-cookie': [...cookies] }
  }
}

function isUtf8(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString('utf8')).equals(bytes)
}
