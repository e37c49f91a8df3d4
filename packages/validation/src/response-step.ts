import { Readable } from 'node:stream'
import {
  type Chance,
  CollectingWatcher,
  collect,
  type Exchange,
  type GatewayError,
  watchResponseBody
} from '@gatewright/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { mediaProblem, problemsOfBody, type SentBody } from './body-check.js'
import type { CompiledSchema } from './compiler.js'
import type { Findings } from './findings.js'
import type { Invalid } from './invalid.js'
import { type ResponseSettings, schemaFor } from './settings.js'

type Done = (error?: Error | null, payload?: unknown) => void

/** The step that checks a share of the responses. What is only observed is neither held nor changed. */
export function responseStep(
  settings: ResponseSettings,
  maxErrors: number,
  chance: Chance,
  findings: Findings
) {
  const { observe, samplePercent, maxBytes } = settings

  return function validateResponse(
    { exchange }: FastifyRequest,
    reply: FastifyReply,
    payload: unknown,
    done: Done
  ): void {
    const schema = isOwn(exchange as Exchange) ? undefined : schemaFor(settings, reply.statusCode)
    if (schema === undefined || isEmpty(payload) || chance() * 100 >= samplePercent) done(null, payload)
    else if (payload instanceof Readable) stream(exchange as Exchange, reply, payload, schema, done)
    else whole(exchange as Exchange, reply, payload, schema, done)
  }

  function whole(
    exchange: Exchange,
    reply: FastifyReply,
    payload: unknown,
    schema: CompiledSchema,
    done: Done
  ): void {
    const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(String(payload))
    const checked = check(exchange, sentBy(reply, bytes), schema)
    if (observe) done(null, payload)
    else checked.then((error) => done(error, payload), done)
  }

  function stream(
    exchange: Exchange,
    reply: FastifyReply,
    payload: Readable,
    schema: CompiledSchema,
    done: Done
  ): void {
    const media = mediaProblem('response', sentBy(reply, EMPTY).contentType)
    if (media !== null) {
      const error = findings.response(exchange, [media], observe)
      done(error, payload)
    } else if (observe) {
      const watcher = new CollectingWatcher(maxBytes, (bytes) => {
        if (bytes === null) findings.unchecked(exchange, 'response', 'it is too large')
        else void check(exchange, sentBy(reply, bytes), schema)
      })
      done(null, watchResponseBody(payload, reply.raw, watcher))
    } else {
      collect(payload, maxBytes).then((bytes) => {
        if (bytes === null) return done(findings.response(exchange, TOO_LARGE, false))
        check(exchange, sentBy(reply, bytes), schema).then((error) => done(error, bytes), done)
      }, done)
    }
  }

  async function check(
    exchange: Exchange,
    sent: SentBody,
    schema: CompiledSchema
  ): Promise<GatewayError | null> {
    const media = mediaProblem('response', sent.contentType)
    const problems = media === null ? await problemsOfBody(sent, { schema, maxBytes, maxErrors }) : [media]
    if (problems === 'too-large') {
      if (!observe) return findings.response(exchange, TOO_LARGE, false)
      findings.unchecked(exchange, 'response', 'it is too large')
      return null
    }
    return problems.length === 0 ? null : findings.response(exchange, problems, observe)
  }
}

const EMPTY = Buffer.alloc(0)
const TOO_LARGE: readonly Invalid[] = [{ in: 'response', pointer: '', detail: 'is too large to be checked' }]

// What the gateway itself answers has a form of its own.
function isOwn({ reason }: Exchange): boolean {
  return reason !== null
}

function isEmpty(payload: unknown): boolean {
  return payload === undefined || payload === null || payload === '' || !isBytes(payload)
}

function isBytes(payload: unknown): boolean {
  return typeof payload === 'string' || Buffer.isBuffer(payload) || payload instanceof Readable
}

function sentBy(reply: FastifyReply, bytes: Buffer): SentBody {
  return {
    part: 'response',
    contentType: String(reply.getHeader('content-type') ?? ''),
    contentEncoding: String(reply.getHeader('content-encoding') ?? ''),
    bytes
  }
}
