import type { Exchange } from '@gatewright/core'
import type { Found } from '../found.js'

/** Who a request is from, as a function says: `null` for nobody it knows of, `{ invalid }` for a wrong credential. */
export type AuthenticateResult = Found | { readonly invalid: string } | null | undefined

/** Finds out who a request is from. What it throws counts as unavailable, as nobody has said no. */
export type AuthenticateFunction = (exchange: Exchange) => AuthenticateResult | Promise<AuthenticateResult>
