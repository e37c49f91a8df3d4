import type { ClientRequest, Agent as HttpAgent, IncomingMessage } from 'node:http'
import { type Timers, waitFor } from '@gatewright/core'
import { type Json, parseStrictJson } from './strict-json.js'

/** A request to a service that answers with JSON. */
export interface JsonRequest {
  readonly url: URL
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** For the whole exchange. */
  readonly timeoutMs: number
  /** Most bytes of the response. */
  readonly maxBytes: number
  /** Certificates of authorities to trust in place of the usual ones, PEM text. */
  readonly ca?: string | undefined
  /** Keeps connections for the next request; default: a connection of its own. */
  readonly agent?: HttpAgent | undefined
}

/** A response with status 200 and JSON. */
export interface JsonResponse {
  readonly value: Json
  /** `cache-control`; `''` for none. */
  readonly cacheControl: string
}

/** Why there is no JSON: for the log. */
export class JsonRequestError extends Error {
  override readonly name = 'JsonRequestError'
  /** Of the response; 0 when there was none. */
  readonly status: number

  constructor(message: string, status = 0) {
    super(message)
    this.status = status
  }
}

/** Ends a request whose answer nobody waits for any more; its promise then rejects. */
export type Abort = () => void

/**
 * Sends a request and reads the JSON of its answer. Redirects are not followed: whoever sends one could lead the gateway to
 * other hosts. Compressed answers are refused, and anything but status 200. Rejects with a {@link JsonRequestError}.
 */
export function requestJson(
  { http, https }: Transports,
  timers: Timers,
  request: JsonRequest
): { readonly response: Promise<JsonResponse>; readonly abort: Abort } {
  let abort: Abort = () => {}
  const response = new Promise<JsonResponse>((resolve, reject) => {
    let sent: ClientRequest | null = null
    const cancel = waitFor(timers, request.timeoutMs, () => fail(`no answer within ${request.timeoutMs} ms`))
    const end = (): void => {
      cancel()
      abort = () => {}
    }
    function fail(message: string, status = 0): void {
      end()
      reject(new JsonRequestError(message, status))
      sent?.destroy()
    }
    abort = () => fail('the request was given up')
    try {
      const { url, method, headers, body, ca, agent } = request
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
      const secure = url.protocol === 'https:'
      sent = (secure ? https : http)(url, {
        method,
        agent: agent ?? false,
        headers: { accept: 'application/json', 'accept-encoding': 'identity', ...length, ...headers },
        ...(secure && ca !== undefined ? { ca } : {})
      })
      sent.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message))
      sent.on('response', (answer) =>
        readJson(answer, request.maxBytes, fail, (value) => {
          end()
          resolve({ value, cacheControl: answer.headers['cache-control'] ?? '' })
        })
      )
      sent.end(body)
    } catch (error) {
      fail((error as Error).message)
    }
  })
  return { response, abort: () => abort() }
}

/** `request` of `node:http` and of `node:https`. */
export interface Transports {
  readonly http: typeof import('node:http').request
  readonly https: typeof import('node:https').request
}

function readJson(
  answer: IncomingMessage,
  maxBytes: number,
  fail: (message: string, status: number) => void,
  take: (value: Json) => void
): void {
  const { statusCode = 0, headers } = answer
  const refuse = (why: string): void => fail(why, statusCode)
  answer.on('error', () => refuse('the response broke off'))
  answer.on('aborted', () => refuse('the response broke off'))
  if (statusCode >= 300 && statusCode < 400) {
    refuse(`it answered ${statusCode}, and redirects are not followed`)
    return
  }
  if (statusCode !== 200) {
    refuse(`it answered ${statusCode}`)
    return
  }
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    refuse('the response is compressed')
    return
  }
  const chunks: Buffer[] = []
  let bytes = 0
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > maxBytes) refuse(`the response is longer than ${maxBytes} bytes`)
    else chunks.push(chunk)
  })
  answer.on('end', () => {
    let value: Json
    try {
      value = parseStrictJson(Buffer.concat(chunks).toString('utf8'))
    } catch {
      return refuse('the response is no JSON')
    }
    take(value)
  })
}
