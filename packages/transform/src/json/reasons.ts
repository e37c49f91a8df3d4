import { type AddedReason, isOn, observes, type ReasonInfo, type Route } from '@gatewright/core'

declare module '@gatewright/core' {
  interface Reasons {
    request_transform_failed: ReasonInfo
    response_transform_failed: ReasonInfo
  }
}

/** The body of a request is not the JSON that it says it is. */
export const REQUEST_TRANSFORM_FAILED: AddedReason = {
  name: 'request_transform_failed',
  status: 400,
  title: 'The request body is not the JSON it is said to be',
  blames: 'client',
  mayAnswer: (route, { config }) => changesJson(route, config, 'request')
}

/** The body of a response cannot be changed as the route asks: it is not what it says it is, or too large. */
export const RESPONSE_TRANSFORM_FAILED: AddedReason = {
  name: 'response_transform_failed',
  status: 502,
  title: 'The upstream sent a response that could not be read',
  blames: 'upstream',
  mayAnswer: (route, { config }) => changesJson(route, config, 'response')
}

function changesJson(route: Route, config: object, message: 'request' | 'response'): boolean {
  const own = route.given('transform')
  if (own === false) return false
  const all = (config as { readonly transform?: unknown }).transform
  return [own, all].some((one) => {
    const { [message]: part } = (isOn(one) ? one : {}) as Record<
      string,
      { readonly json?: unknown } | undefined
    >
    return part?.json !== undefined && !observes(part.json)
  })
}
