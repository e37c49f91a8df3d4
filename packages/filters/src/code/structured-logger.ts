import { type Exchange, shownTarget } from '@gatewright/core'
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import type { FilterRecords } from '../record.js'
import type { LoggerSettings } from '../settings.js'

const LONGEST_VALUE = 200

/** The `onResponse` hook of `structured_logger`: one line for each request, when it has ended. */
export function structuredLogger(settings: LoggerSettings, records: FilterRecords) {
  return function logRequest(
    request: FastifyRequest,
    reply: FastifyReply,
    done: HookHandlerDoneFunction
  ): void {
    request.log[settings.level](lineOf(request.exchange as Exchange, reply, settings, records), 'request')
    done()
  }
}

function lineOf(
  exchange: Exchange,
  reply: FastifyReply,
  { name, headers, metadata }: LoggerSettings,
  records: FilterRecords
): object {
  const { id, route, method, path, ingress, identity, reason } = exchange
  const shown: Record<string, string> = {}
  for (const header of headers) {
    const value = exchange.headers[header]
    if (value !== undefined) shown[header] = [value].flat().join(', ').slice(0, LONGEST_VALUE)
  }
  return {
    filter: name,
    request_id: id,
    route: route?.id ?? null,
    method,
    path: shownTarget(path),
    status: reply.statusCode,
    reason,
    client: ingress.client,
    subject: identity?.subject ?? null,
    consumer: identity?.consumer ?? null,
    ...(headers.length === 0 ? {} : { headers: shown }),
    ...(metadata ? { metadata: records.find(exchange)?.metadata ?? null } : {})
  }
}
