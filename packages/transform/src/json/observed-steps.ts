import { Readable } from 'node:stream'
import { CodingError, type Exchange, type Route, watchRequestBody, watchResponseBody } from '@gatewright/core'
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { type BodyHead, bodyHead } from './body-head.js'
import { contentCodingOf } from './content-coding.js'
import { Look } from './look.js'
import type { JsonObserver } from './observing.js'
import { tooLarge } from './problem.js'
import { answerSource, fieldOf, isEmpty, isFixed } from './response-fields.js'
import type { JsonSettings } from './settings.js'

type Done = (error?: Error | null, payload?: unknown) => void

/** The step that tells what would be changed in the JSON of a request's body. The body goes on as it comes. */
export function observedRequestStep(settings: JsonSettings, { bodyLimit }: Route, observer: JsonObserver) {
  const { maxBytes } = settings
  const most = bodyLimit > 0 ? Math.min(bodyLimit, maxBytes) : maxBytes

  return function observeRequestJson(
    { exchange: current }: FastifyRequest,
    _reply: FastifyReply,
    done: HookHandlerDoneFunction
  ): void {
    const exchange = current as Exchange
    if (exchange.ingress.hasBody) {
      const look = new Look(settings, exchange, null, observer)
      const head = headOf(look, exchange.headers['content-type'] ?? '', contentCodingOf(exchange), 'request')
      if (head !== null) begin(exchange, head, look)
    }
    done()
  }

  function begin(exchange: Exchange, head: BodyHead, look: Look): void {
    if (head.kind === 'json' && exchange.body === null && exchange.ingress.contentLength > most)
      look.failed(tooLarge('request', most))
    else watchRequestBody(exchange, look.watcher(head, most))
  }
}

/** The step that tells what would be changed in the JSON of a response's body. It is not asked for otherwise than without. */
export function observedResponseStep(settings: JsonSettings, observer: JsonObserver) {
  const { maxBytes, respects } = settings

  return function observeResponseJson(
    { exchange: current, method }: FastifyRequest,
    reply: FastifyReply,
    payload: unknown,
    done: Done
  ): void {
    const exchange = current as Exchange
    const isLeftAlone =
      exchange.reason !== null || method === 'HEAD' || isEmpty(payload) || (respects && isFixed(reply))
    const watched = isLeftAlone ? payload : watch(exchange, reply, payload as Buffer | string | Readable)
    done(null, watched)
  }

  function watch(exchange: Exchange, reply: FastifyReply, payload: Buffer | string | Readable): unknown {
    const look = new Look(settings, exchange, answerSource(exchange, reply), observer)
    const head = headOf(look, fieldOf(reply, 'content-type'), fieldOf(reply, 'content-encoding'), 'response')
    if (head === null || reply.statusCode === 204 || reply.statusCode === 304) return payload
    if (reply.statusCode === 206) look.unchecked('a part of a body, which would not have been asked for')
    else if (payload instanceof Readable)
      return watchResponseBody(payload, reply.raw, look.watcher(head, maxBytes))
    else {
      const watcher = look.watcher(head, maxBytes)
      watcher.chunk(Buffer.from(payload))
      watcher.end()
    }
    return payload
  }
}

function headOf(
  look: Look,
  contentType: string,
  contentEncoding: string,
  message: 'request' | 'response'
): BodyHead | null {
  try {
    return bodyHead(contentType, contentEncoding, message)
  } catch (error) {
    // An upstream would have been asked for codings that can be taken off.
    if (error instanceof CodingError && message === 'response') look.unchecked(error.message)
    else look.failed(error)
    return null
  }
}
