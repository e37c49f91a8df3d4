import type { Exchange } from '@gatewright/core'

/** Whether a request may go on. What it throws counts as unavailable. */
export type AuthorizeFunction = (exchange: Exchange) => boolean | Promise<boolean>

/** What a claim must be: a value, or a list of which one will do. */
export type ClaimCondition = string | number | boolean | readonly (string | number | boolean)[]
