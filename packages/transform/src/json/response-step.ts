import { Readable } from 'node:stream'
import { collect, type Exchange, encodeBody, GatewayError } from '@gatewright/core'
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { readableEncodings } from './accept-encoding.js'
import { type BodyHead, bodyHead } from './body-head.js'
import { JsonEditor } from './json-editor.js'
import { answerFor, broken, tooLarge } from './problem.js'
import { answerSource, changeValidators, dropFields, fieldOf, isEmpty, isFixed } from './response-fields.js'
import type { JsonSettings } from './settings.js'
import { chainOf } from './stream-chain.js'
import { editBody } from './whole-body.js'

type Done = (error?: Error | null, payload?: unknown) => void

/** Of a part nothing can be changed. */
const OF_PARTS = ['range', 'if-range'] as const
/** What may be answered with 304: that the client has what the upstream would send. */
const CONDITIONS = ['if-none-match', 'if-modified-since'] as const

/** The step that asks the upstream for what can be changed: in codings that can be taken off, and whole. */
export function askForWhole({ dropsValidators }: JsonSettings) {
  const unwanted = dropsValidators ? [...OF_PARTS, ...CONDITIONS] : OF_PARTS

  return function askForWholeJson(
    request: FastifyRequest,
    _reply: FastifyReply,
    done: HookHandlerDoneFunction
  ): void {
    const exchange = request.exchange as Exchange
    const { headers, ingress } = exchange
    exchange.forwardHeader('accept-encoding', readableEncodings(String(headers['accept-encoding'] ?? '')))
    // Trailers may hold a digest of what is changed.
    ingress.trailers = false
    for (const name of unwanted) if (headers[name] !== undefined) exchange.dropHeader(name)
    done()
  }
}

/** The step that changes the JSON of a response's body. What is not JSON goes on untouched. */
export function responseStep(settings: JsonSettings) {
  const { operations, maxBytes, respects, dropsValidators } = settings

  return function transformResponseJson(
    { exchange, method }: FastifyRequest,
    reply: FastifyReply,
    payload: unknown,
    done: Done
  ): void {
    // What the gateway itself answers has a form of its own.
    if ((exchange as Exchange).reason !== null || (respects && isFixed(reply))) {
      done(null, payload)
      return
    }
    try {
      change(exchange as Exchange, method, reply, payload, done)
    } catch (error) {
      done(asError(answerFor(error, 'response', maxBytes)))
    }
  }

  function change(
    exchange: Exchange,
    method: string,
    reply: FastifyReply,
    payload: unknown,
    done: Done
  ): void {
    if (reply.statusCode === 304) changeValidators(reply, dropsValidators)
    if (reply.statusCode === 206) throw broken('response', 'a part of a body, which was not asked for')
    const head = bodyHead(fieldOf(reply, 'content-type'), fieldOf(reply, 'content-encoding'), 'response')
    if (head === null || reply.statusCode === 204 || reply.statusCode === 304) done(null, payload)
    else if (method === 'HEAD') {
      dropFields(reply, dropsValidators)
      done(null, payload)
    } else if (isEmpty(payload)) done(null, payload)
    else if (head.kind === 'json') whole(exchange, head, reply, payload as Body, done)
    else stream(exchange, head, head.kind, reply, payload as Body, done)
  }

  function whole(exchange: Exchange, head: BodyHead, reply: FastifyReply, payload: Body, done: Done): void {
    const finish = (bytes: Buffer | null): void => {
      if (bytes === null) throw tooLarge('response', maxBytes)
      if (bytes.length === 0) {
        done(null, bytes)
        return
      }
      const changed = editBody(bytes, head.codings, settings, editorFor(exchange, reply))
      if (changed instanceof Promise) changed.then((later) => send(later, bytes)).catch(fail)
      else send(changed, bytes)
    }
    const fail = (error: unknown): void => done(asError(answerFor(error, 'response', maxBytes)))
    const send = (changed: Buffer | null, bytes: Buffer): void => {
      changeValidators(reply, dropsValidators)
      reply.removeHeader('accept-ranges')
      if (changed === null) done(null, bytes)
      else if (head.codings.length === 0) give(changed)
      else encodeBody(changed, head.codings).then(give).catch(fail)
    }
    const give = (bytes: Buffer): void => {
      dropFields(reply, dropsValidators)
      done(null, bytes)
    }
    if (!(payload instanceof Readable)) finish(Buffer.isBuffer(payload) ? payload : Buffer.from(payload))
    else if (Number(fieldOf(reply, 'content-length')) > maxBytes) throw tooLarge('response', maxBytes)
    else collect(payload, maxBytes).then(finish).catch(fail)
  }

  function stream(
    exchange: Exchange,
    { codings }: BodyHead,
    kind: 'lines' | 'events',
    reply: FastifyReply,
    payload: Body,
    done: Done
  ): void {
    const { first, last } = chainOf({
      kind,
      codings,
      recodes: true,
      limits: settings,
      editor: editorFor(exchange, reply),
      failed: (error) => asError(answerFor(error, 'response', maxBytes))
    })
    last.on('error', (error) => noteCut(exchange, error))
    dropFields(reply, dropsValidators)
    if (payload instanceof Readable) {
      payload.on('error', (error) => last.destroy(error))
      // The forwarder is told why, for the log.
      last.on('close', () => payload.destroy(last.errored ?? undefined))
      payload.pipe(first)
      // A client that waits for events is told that they may come.
      if (kind === 'events') reply.raw.once('pipe', () => reply.raw.flushHeaders())
    } else first.end(payload)
    done(null, last)
  }

  function editorFor(exchange: Exchange, reply: FastifyReply): JsonEditor {
    return new JsonEditor(operations, maxBytes, exchange, answerSource(exchange, reply))
  }
}

type Body = Buffer | string | Readable

// The client has a part of it, and nothing else can be told but to the log.
function noteCut(exchange: Exchange, error: Error): void {
  if (!(error instanceof GatewayError) || !exchange.response.headersSent || exchange.reason !== null) return
  exchange.reason = error.reason
  exchange.detail = error.detail
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new GatewayError('internal_error', { cause: error })
}
