import type { ClientRequest, Agent as HttpAgent, IncomingMessage } from 'node:http'
import { type Timers, waitFor } from '@gatewright/core'
import { type Json, parseStrictJson } from './strict-json.js'

/** How a connection ends that the other side has closed. */
const CLOSED: ReadonlySet<string | undefined> = new Set(['ECONNRESET', 'EPIPE'])

/** A request to a service that answers with JSON. It must do no harm when it is sent twice: see {@link JsonRequest.agent}. */
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
  /**
   * Keeps connections for the next request; default: a connection of its own. Where a kept one ends without a response, the
   * request is sent once more, over a connection of its own, within the same time.
   */
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
    let isOver = false
    const cancel = waitFor(timers, request.timeoutMs, () => fail(`no answer within ${request.timeoutMs} ms`))
    const end = (): void => {
      isOver = true
      cancel()
      abort = () => {}
    }
    function fail(message: string, status = 0): void {
      if (isOver) return
      end()
      reject(new JsonRequestError(message, status))
      sent?.destroy()
    }
    abort = () => fail('the request was given up')
    function send(agent: HttpAgent | false): void {
      const { url, method, headers, body, ca } = request
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
      const secure = url.protocol === 'https:'
      const one = (secure ? https : http)(url, {
        method,
        agent,
        headers: { accept: 'application/json', 'accept-encoding': 'identity', ...length, ...headers },
        ...(secure && ca !== undefined ? { ca } : {})
      })
      sent = one
      let mayBeStale = false
      let answered = false
      // `reusedSocket` says nothing of requests that have waited for a connection of the agent.
      one.on('socket', ({ connecting }) => {
        mayBeStale = !connecting
      })
      one.on('error', (error: NodeJS.ErrnoException) => {
        // Most likely the server has closed a kept connection just as it was used again: once more, over a new one.
        if (mayBeStale && !answered && !isOver && CLOSED.has(error.code)) attempt(false)
        else fail(error.code ?? error.message)
      })
      one.on('response', (answer) => {
        answered = true
        readJson(answer, request.maxBytes, fail, (value) => {
          end()
          resolve({ value, cacheControl: answer.headers['cache-control'] ?? '' })
        })
      })
      one.end(body)
    }
    function attempt(agent: HttpAgent | false): void {
      try {
        send(agent)
      } catch (error) {
        fail((error as Error).message)
      }
    }
    attempt(request.agent ?? false)
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
