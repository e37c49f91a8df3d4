import { type AddedReason, isOn, observes, type ReasonInfo } from '@gatewright/core'
import { requireTlsKey } from './keys.js'

declare module '@gatewright/core' {
  interface Reasons {
    tls_required: ReasonInfo
  }
}

/** The request has not come by TLS. */
export const TLS_REQUIRED: AddedReason = {
  name: 'tls_required',
  status: 403,
  title: 'TLS is required',
  blames: 'client',
  mayAnswer(route, { config }) {
    const own = route.given(requireTlsKey.name) ?? config.requireTls
    return isOn(own) && !observes(own)
  }
}
