import type { AskRequest } from '../backend.js'
import type { GrpcTarget } from '../grpc/target.js'
import { decode } from '../wire/decode.js'
import { encode } from '../wire/encode.js'
import { type CheckContent, checkRequest } from './check-request.js'
import { decisionOf } from './check-response.js'
import { CheckRequest, CheckResponse } from './messages.js'

const CHECK = '/envoy.service.auth.v3.Authorization/Check'

/** Asks a service that speaks Envoy's `ext_authz` over gRPC. */
export function grpcAuthorization(
  target: GrpcTarget,
  content: CheckContent,
  metadata: Readonly<Record<string, string>>,
  maxBytes: number
): AskRequest {
  return (request, timeoutMs, said) => {
    const message = encode(CheckRequest, checkRequest(request, content))
    return target.call({ path: CHECK, message, metadata, timeoutMs, maxBytes }, (error, answer) => {
      if (answer === null) said(error, null)
      else {
        let decision: ReturnType<typeof decisionOf>
        try {
          decision = decisionOf(decode(CheckResponse, answer))
        } catch (malformed) {
          said(malformed as Error, null)
          return
        }
        said(null, decision)
      }
    })
  }
}
