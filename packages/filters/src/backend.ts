import type { FilterRequest, FilterResponse, RequestDecision, ResponseDecision } from './filter.js'

/** What was asked, and may be given up. */
export interface Asked {
  cancel(): void
}

/** Called once with what is said, or why nothing is. Not called for what was given up. */
export type Said<Decision> = (error: Error | null, decision: Decision | null) => void

/** Asks whoever decides about a request, a service or a function, and throws nothing. */
export type AskRequest = (request: FilterRequest, timeoutMs: number, said: Said<RequestDecision>) => Asked

/** The same about a response. */
export type AskResponse = (response: FilterResponse, timeoutMs: number, said: Said<ResponseDecision>) => Asked

/** Who is asked, in which phases. */
export interface Backend {
  readonly request: AskRequest | null
  readonly response: AskResponse | null
}
