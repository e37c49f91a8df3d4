import type { CheckRequestValue } from '../ext-authz/messages.js'
import type { RequestDecision, ResponseDecision } from '../filter.js'
import type { RequestPhaseValue, ResponsePhaseValue } from '../service/messages.js'

/** The attributes of a request that is to be checked: `attributes.request.http.path`, `.headers`, … */
export type CheckedRequest = CheckRequestValue

type Maybe<T> = T | undefined | Promise<T | undefined>

/** Whoever decides. What one throws is an error of the call: the gateway then goes by the filter's `failMode`. */
export interface FilterHandlers {
  /** `envoy.service.auth.v3.Authorization/Check`: nothing allows; `answer` denies. */
  check?(request: CheckedRequest): Maybe<RequestDecision>
  /** `gatewright.filter.v1.Filter/OnRequest`. */
  onRequest?(request: RequestPhaseValue): Maybe<RequestDecision>
  /** `gatewright.filter.v1.Filter/OnResponse`. */
  onResponse?(response: ResponsePhaseValue): Maybe<ResponseDecision>
}
