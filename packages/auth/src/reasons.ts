import {
  type AddedReason,
  type GatewayConfig,
  isOn,
  observes,
  type ReasonInfo,
  type Route
} from '@gatewright/core'

declare module '@gatewright/core' {
  interface Reasons {
    unauthenticated: ReasonInfo
    forbidden: ReasonInfo
    auth_throttled: ReasonInfo
    auth_unavailable: ReasonInfo
  }
}

function mayRefuse(route: Route, { auth }: GatewayConfig): boolean {
  const given = route.given('auth') ?? auth
  return isOn(given) && !observes(given)
}

/** The request has no credential that will do. */
export const UNAUTHENTICATED: AddedReason = {
  name: 'unauthenticated',
  status: 401,
  title: 'Unauthorized',
  blames: 'client',
  mayAnswer: (route, { config }) => mayRefuse(route, config)
}

/** It is known who the request is from, and it may not do this. */
export const FORBIDDEN: AddedReason = {
  name: 'forbidden',
  status: 403,
  title: 'Forbidden',
  blames: 'client',
  mayAnswer(route, { config }) {
    const given = route.given('authorize') ?? config.authorize
    return isOn(given) && !observes(given)
  }
}

/** The client has failed too often. */
export const AUTH_THROTTLED: AddedReason = {
  name: 'auth_throttled',
  status: 429,
  title: 'Too many failed attempts',
  blames: 'client',
  mayAnswer: (route, { config }) => config.authentication?.failures !== false && mayRefuse(route, config)
}

/** Whoever could tell who the request is from does not answer. */
export const AUTH_UNAVAILABLE: AddedReason = {
  name: 'auth_unavailable',
  status: 503,
  title: 'Authentication unavailable',
  blames: 'gateway',
  mayAnswer: (route, { config }) => mayRefuse(route, config)
}
