import type { Exchange } from '@gatewright/core'
import type { Asked, Backend, Said } from '../backend.js'
import type { FilterRequest, FilterResponse, RequestDecision } from '../filter.js'
import type { GrpcTarget } from '../grpc/target.js'
import type { TwoPhaseSettings } from '../settings.js'
import { decode } from '../wire/decode.js'
import { encode } from '../wire/encode.js'
import type { Message } from '../wire/message.js'
import { toStruct } from '../wire/struct.js'
import { decisionOf } from './decision.js'
import {
  METHODS,
  RequestDecisionMessage,
  RequestPhase,
  type RequestPhaseValue,
  ResponseDecisionMessage,
  ResponsePhase,
  type ResponsePhaseValue
} from './messages.js'

type Noted = (exchange: Exchange) => Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** Asks a service that speaks `gatewright.filter.v1`. */
export function serviceBackend(target: GrpcTarget, settings: TwoPhaseSettings, notedOf: Noted): Backend {
  const { phases, service } = settings
  function call(
    path: string,
    message: Buffer,
    reads: Message,
    timeoutMs: number,
    said: Said<RequestDecision>
  ): Asked {
    const { metadata, maxBytes } = service
    return target.call({ path, message, metadata, timeoutMs, maxBytes }, (error, answer) => {
      if (answer === null) said(error, null)
      else {
        let decision: RequestDecision
        try {
          decision = decisionOf(decode(reads, answer))
        } catch (malformed) {
          said(malformed as Error, null)
          return
        }
        said(null, decision)
      }
    })
  }
  return {
    request: phases.has('request')
      ? (request, timeoutMs, said) => {
          const message = encode(RequestPhase, requestPhase(request, settings, notedOf))
          return call(METHODS.request, message, RequestDecisionMessage, timeoutMs, said)
        }
      : null,
    response: phases.has('response')
      ? (response, timeoutMs, said) => {
          const message = encode(ResponsePhase, responsePhase(response, settings))
          return call(METHODS.response, message, ResponseDecisionMessage, timeoutMs, said)
        }
      : null
  }
}

function requestPhase(
  { exchange, headers, body, isPartial }: FilterRequest,
  { name, context, tells }: TwoPhaseSettings,
  notedOf: Noted
): RequestPhaseValue {
  const { id, route, method, path, query, ingress, identity } = exchange
  const told: Record<string, string> = Object.create(null) as Record<string, string>
  for (const header of Object.keys(headers)) if (tells(header)) told[header] = headers[header] as string
  const noted = notedOf(exchange)
  return {
    requestId: id,
    route: route?.id ?? '',
    filter: name,
    method,
    scheme: ingress.proto,
    host: ingress.authority,
    path,
    query: exchange.upstreamQuery ?? query,
    client: ingress.client,
    headers: told,
    ...(body === null ? {} : { body }),
    bodyPartial: isPartial,
    ...(identity === null
      ? {}
      : {
          identity: {
            scheme: identity.scheme,
            subject: identity.subject,
            consumer: identity.consumer ?? '',
            scopes: identity.scopes,
            roles: identity.roles,
            claims: toStruct(identity.claims)
          }
        }),
    context,
    ...(Object.keys(noted).length === 0 ? {} : { metadata: toStruct(noted) })
  }
}

function responsePhase(
  { exchange, status, headers, metadata }: FilterResponse,
  { name, context }: TwoPhaseSettings
): ResponsePhaseValue {
  return {
    requestId: exchange.id,
    route: exchange.route?.id ?? '',
    filter: name,
    status,
    headers,
    context,
    ...(metadata === null ? {} : { metadata: toStruct(metadata) })
  }
}
