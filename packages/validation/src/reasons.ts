import type { AddedReason, ReasonInfo, Route } from '@gatewright/core'
import type { ValidationConfig } from './config/config.js'
import { VALIDATION } from './keys.js'

declare module '@gatewright/core' {
  interface Reasons {
    request_invalid: ReasonInfo
    response_invalid: ReasonInfo
  }
}

/** The request is not what its route's schemas say. */
export const REQUEST_INVALID: AddedReason = {
  name: 'request_invalid',
  status: 400,
  title: 'The request is not valid',
  blames: 'client',
  mayAnswer: (route) => {
    const config = validationOf(route)
    return config !== null && config.mode !== 'observe' && checksRequests(config)
  }
}

/** The upstream's response is not what the route's schemas say. */
export const RESPONSE_INVALID: AddedReason = {
  name: 'response_invalid',
  status: 502,
  title: 'The upstream sent a response that is not valid',
  blames: 'upstream',
  mayAnswer: (route) => validationOf(route)?.response?.mode === 'enforce'
}

/** What a route says for `validation`; `null` for nothing. */
export function validationOf(route: Route): Exclude<ValidationConfig, false> | null {
  const config = route.given(VALIDATION) as ValidationConfig | undefined
  return config === undefined || config === false ? null : config
}

/** Whether a schema is for requests. */
export function checksRequests({ body, query, headers, params }: Exclude<ValidationConfig, false>): boolean {
  return [body, query, headers, params].some((schema) => schema !== undefined)
}
