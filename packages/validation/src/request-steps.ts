import {
  CollectingWatcher,
  type Exchange,
  GatewayError,
  jsonKindOf,
  type Route,
  watchRequestBody
} from '@gatewright/core'
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { mediaProblem, problemsOfBody } from './body-check.js'
import type { Findings } from './findings.js'
import { headerValues, paramValues, queryValues, type Values } from './head-values.js'
import { type Invalid, problemsOf } from './invalid.js'
import { misreadNumbers } from './misread-numbers.js'
import type { BodySettings, HeadSchema, ValidationSettings } from './settings.js'

/** The step that checks parameters, query and headers. */
export function headStep({ head, maxErrors, observe }: ValidationSettings, findings: Findings) {
  return function validateHead(
    { exchange }: FastifyRequest,
    _reply: FastifyReply,
    done: HookHandlerDoneFunction
  ): void {
    for (const one of head) {
      const problems = problemsOfHead(exchange as Exchange, one, maxErrors)
      if (problems.length === 0) continue
      const error = findings.request(exchange as Exchange, problems, observe)
      if (error !== null) {
        done(error)
        return
      }
    }
    done()
  }
}

function problemsOfHead(exchange: Exchange, { part, schema }: HeadSchema, most: number): readonly Invalid[] {
  const sent = () => valuesOf(part, exchange)
  // Texts become what their schema asks for.
  const values = sent()
  const problems = problemsOf(part, schema, values, 0, most)
  return problems.length > 0 ? problems : misreadNumbers(part, values, sent, most)
}

function valuesOf(part: HeadSchema['part'], { query, ingress, params }: Exchange): Values {
  if (part === 'query') return queryValues(query)
  return part === 'headers' ? headerValues(ingress.headers) : paramValues(params)
}

const NEEDS_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'QUERY'])

/** The step that reads the body and checks it. */
export function bodyStep(
  settings: ValidationSettings,
  body: BodySettings,
  { bodyLimit }: Route,
  findings: Findings
) {
  const { observe, maxErrors } = settings
  const most = bodyLimit > 0 ? Math.min(bodyLimit, body.maxBytes) : body.maxBytes
  const rules = { schema: body.schema, maxBytes: body.maxBytes, maxErrors }

  return async function validateBody(request: FastifyRequest): Promise<void> {
    const exchange = request.exchange as Exchange
    const missing = beforeReading(exchange)
    if (missing !== null) {
      settle(exchange, missing)
      return
    }
    if (observe) watch(exchange)
    else settle(exchange, await problemsIn(exchange, await read(exchange)))
  }

  // What is known without the body; `null` where it has to be read.
  function beforeReading({ ingress, method, headers }: Exchange): readonly Invalid[] | null {
    if (!ingress.hasBody) return withoutBody(method)
    const contentType = headers['content-type'] ?? ''
    // Of several media types some readers take the first, and some the last.
    if (body.othersPass && !contentType.includes(',') && jsonKindOf(contentType) !== 'json') return []
    const media = mediaProblem('body', contentType)
    return media === null ? null : [media]
  }

  function withoutBody(method: string): readonly Invalid[] {
    return body.required && NEEDS_BODY.has(method) ? [{ in: 'body', pointer: '', detail: 'is required' }] : []
  }

  // What only observes neither waits for the body nor keeps it back.
  function watch(exchange: Exchange): void {
    if (exchange.body === null && exchange.ingress.contentLength > most) uncheck(exchange)
    else
      watchRequestBody(
        exchange,
        new CollectingWatcher(most, (bytes) => {
          if (bytes === null) uncheck(exchange)
          else void problemsIn(exchange, bytes).then((problems) => settle(exchange, problems))
        })
      )
  }

  function settle(exchange: Exchange, problems: readonly Invalid[]): void {
    if (problems.length === 0) return
    const error = findings.request(exchange, problems, observe)
    if (error !== null) throw error
  }

  function uncheck(exchange: Exchange): void {
    findings.unchecked(exchange, 'body', 'it is too large')
  }

  async function problemsIn(exchange: Exchange, bytes: Buffer): Promise<readonly Invalid[]> {
    // One that has told no length.
    if (bytes.length === 0) return withoutBody(exchange.method)
    const sent = {
      part: 'body',
      contentType: exchange.headers['content-type'] ?? '',
      contentEncoding: contentCodingOf(exchange),
      bytes
    } as const
    const problems = await problemsOfBody(sent, rules)
    if (problems !== 'too-large') return problems
    if (!observe) throw tooLarge(body.maxBytes)
    uncheck(exchange)
    return []
  }

  async function read(exchange: Exchange): Promise<Buffer> {
    if (exchange.body === null && exchange.ingress.contentLength > most) throw tooLarge(most)
    return await exchange.buffer(most)
  }
}

// A `preParsing` hook that has decoded the body has dropped it.
function contentCodingOf({ headers, upstreamHeaders }: Exchange): string {
  const given = upstreamHeaders?.get('content-encoding')
  return given === undefined ? (headers['content-encoding'] ?? '') : (given ?? '')
}

function tooLarge(most: number): GatewayError {
  return new GatewayError('body_too_large', { detail: `more than ${most} bytes` })
}
