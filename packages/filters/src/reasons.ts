import {
  type AddedReason,
  isOn,
  observes,
  type ReasonInfo,
  type Route,
  type Snapshot
} from '@gatewright/core'
import { filtersKey } from './keys.js'

declare module '@gatewright/core' {
  interface Reasons {
    filter_denied: ReasonInfo
    filter_unavailable: ReasonInfo
  }
}

/** A filter has refused the request. Where it says with what, the client gets its status and body. */
export const FILTER_DENIED: AddedReason = {
  name: 'filter_denied',
  status: 403,
  title: 'The request is not allowed',
  blames: 'client',
  mayAnswer
}

/** A filter that must be asked could not be, or its answer cannot be used. */
export const FILTER_UNAVAILABLE: AddedReason = {
  name: 'filter_unavailable',
  status: 503,
  title: 'The request could not be checked',
  blames: 'gateway',
  mayAnswer
}

function mayAnswer(route: Route, { config }: Snapshot): boolean {
  const own = route.given(filtersKey.name)
  if (own === false) return false
  return [own, config.filters].flat().some((one) => isOn(one) && !observes(one))
}
