import type { FilterRequest, RequestDecision } from './filter.js'

/** What was asked, and may be given up. */
export interface Asked {
  cancel(): void
}

/** Called once with what is said, or why nothing is. Not called for what was given up. */
type Said<Decision> = (error: Error | null, decision: Decision | null) => void

/** Asks whoever decides about a request, a service or a function, and throws nothing. */
export type AskRequest = (request: FilterRequest, timeoutMs: number, said: Said<RequestDecision>) => Asked
