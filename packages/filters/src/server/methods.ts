import { CheckRequest } from '../ext-authz/messages.js'
import { messageOf } from '../service/decision.js'
import {
  METHODS,
  RequestDecisionMessage,
  RequestPhase,
  ResponseDecisionMessage,
  ResponsePhase
} from '../service/messages.js'
import { decode } from '../wire/decode.js'
import { encode } from '../wire/encode.js'
import { checkResponse } from './check-response.js'
import type { CheckedRequest, FilterHandlers } from './handlers.js'

/** Answers one call: bytes to bytes. */
export type Method = (message: Uint8Array) => Promise<Buffer>

/** The methods that there are handlers for, by their paths. */
export function methodsOf({ check, onRequest, onResponse }: FilterHandlers): ReadonlyMap<string, Method> {
  const methods = new Map<string, Method>()
  if (check !== undefined)
    methods.set('/envoy.service.auth.v3.Authorization/Check', async (message) =>
      checkResponse((await check(decode<CheckedRequest>(CheckRequest, message))) ?? {})
    )
  if (onRequest !== undefined)
    methods.set(METHODS.request, async (message) =>
      encode(RequestDecisionMessage, messageOf((await onRequest(decode(RequestPhase, message))) ?? {}))
    )
  if (onResponse !== undefined)
    methods.set(METHODS.response, async (message) =>
      encode(ResponseDecisionMessage, messageOf((await onResponse(decode(ResponsePhase, message))) ?? {}))
    )
  return methods
}
