import { bodySource, type Exchange, GatewayError, type Route } from '@gatewright/core'
import type { FastifyRequest } from 'fastify'
import { type BodyHead, bodyHead } from './body-head.js'
import { contentCodingOf } from './content-coding.js'
import { JsonEditor } from './json-editor.js'
import { answerFor, tooLarge } from './problem.js'
import type { JsonSettings } from './settings.js'
import { chainOf } from './stream-chain.js'
import { editBody } from './whole-body.js'

/** Fields that describe the bytes of a body: of a changed one they would be wrong. */
const OF_BYTES = ['content-encoding', 'content-md5', 'digest', 'content-digest', 'repr-digest'] as const

/** The step that changes the JSON of a request's body. What is not JSON goes on untouched. */
export function requestStep(settings: JsonSettings, { bodyLimit }: Route) {
  const { operations, maxBytes } = settings
  const most = bodyLimit > 0 ? Math.min(bodyLimit, maxBytes) : maxBytes

  return async function transformRequestJson(request: FastifyRequest): Promise<void> {
    const exchange = request.exchange as Exchange
    if (!exchange.ingress.hasBody) return
    const { headers } = exchange
    try {
      const head = bodyHead(headers['content-type'] ?? '', contentCodingOf(exchange), 'request')
      if (head === null) return
      const editor = new JsonEditor(operations, maxBytes, exchange, null)
      if (head.kind === 'json') await whole(exchange, head, editor)
      else stream(exchange, head, head.kind, editor)
    } catch (error) {
      throw answerFor(error, 'request', maxBytes)
    }
  }

  async function whole(exchange: Exchange, { codings }: BodyHead, editor: JsonEditor): Promise<void> {
    if (exchange.body === null && exchange.ingress.contentLength > most) throw tooLarge('request', most)
    const bytes = await exchange.buffer(most)
    if (bytes.length === 0) return
    const changed = await editBody(bytes, codings, settings, editor)
    if (changed === null) return
    exchange.body = changed
    dropFields(exchange)
  }

  function stream(
    exchange: Exchange,
    { codings }: BodyHead,
    kind: 'lines' | 'events',
    editor: JsonEditor
  ): void {
    const { raw, body } = exchange
    const source = body === null ? bodySource(exchange) : null
    const { first, last } = chainOf({
      kind,
      codings,
      recodes: false,
      limits: settings,
      editor,
      failed: (error) => asError(answerFor(error, 'request', maxBytes))
    })
    // It may fail before anybody reads it.
    last.on('error', () => {})
    exchange.payload = last
    exchange.body = null
    exchange.ingress.contentLength = -1
    dropFields(exchange)
    if (source === null) first.end(body)
    else {
      // What a hook has made of the body may fail, or end early.
      if (source !== raw) source.on('error', (error) => last.destroy(error))
      source.pipe(first)
      raw.once('close', () => {
        if (!raw.complete) last.destroy()
      })
    }
  }
}

function dropFields(exchange: Exchange): void {
  for (const name of OF_BYTES) exchange.dropHeader(name)
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new GatewayError('internal_error', { cause: error })
}
