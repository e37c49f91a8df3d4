import type { Exchange } from '@gatewright/core'

/** One change of a header field. */
export interface FieldChange {
  readonly name: string
  /** Text; it is sent as UTF-8. Not read where the field is removed. */
  readonly value: string
  /**
   * `set`: the one value, whatever was there. `append`: beside what was there. `add-if-absent`: only where there is none.
   * `set-if-present`: only where there is one. `remove`: none.
   */
  readonly how: 'set' | 'append' | 'add-if-absent' | 'set-if-present' | 'remove'
}

/** Changes of header fields: a text sets a field, `null` removes it; or a list of changes in their order. */
export type HeaderChanges = Readonly<Record<string, string | null>> | readonly FieldChange[]

/** What a filter is asked about a request. */
export interface FilterRequest {
  readonly exchange: Exchange
  /**
   * The end-to-end header fields as the upstream would get them, with what steps before have set. Names in lower case, values
   * as text, several of one name joined.
   */
  readonly headers: Readonly<Record<string, string>>
  /** What of the body was asked for (`body.maxBytes`); `null` where the filter does not ask for it. */
  readonly body: Buffer | null
  /** Whether there is more of the body. */
  readonly isPartial: boolean
}

/** What a filter is asked about a response. Its body is not seen. */
export interface FilterResponse {
  readonly exchange: Exchange
  readonly status: number
  /** Names in lower case, several of a name joined. */
  readonly headers: Readonly<Record<string, string>>
  /** What the filter has noted when it was asked about the request; `null` for nothing. */
  readonly metadata: Readonly<Record<string, unknown>> | null
}

/** An answer in place of the upstream's. */
export interface FilterAnswer {
  /** 200 to 599. */
  readonly status: number
  readonly headers?: HeaderChanges
  readonly body?: string | Uint8Array
  /** Whether it is a refusal, with reason `filter_denied`. Default: from status 400 on. */
  readonly denies?: boolean
}

/** What a filter says to a request: nothing lets it pass as it is. */
export interface RequestDecision {
  /** Answers it; the upstream does not see it, and filters behind are not asked. */
  readonly answer?: FilterAnswer
  /** Changes of the request that goes upstream. */
  readonly headers?: HeaderChanges
  /** Changes of the response, whoever gives it. */
  readonly responseHeaders?: HeaderChanges
  /** Changes of the query: a text sets a parameter, `null` removes it. Names are compared decoded. */
  readonly query?: Readonly<Record<string, string | null>>
  /** What is noted of the request: for the access log, for filters behind, for cohorts. JSON. */
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** What a filter says to a response. */
export interface ResponseDecision {
  /** Replaces the whole response. */
  readonly answer?: FilterAnswer
  readonly headers?: HeaderChanges
  readonly metadata?: Readonly<Record<string, unknown>>
}

type Maybe<T> = T | undefined | Promise<T | undefined>

/** A filter in code. What it throws, and what it says that it may not, counts as a failure: see `failMode`. */
export interface FilterFunctions {
  /** Asked before the request is forwarded. */
  request?(request: FilterRequest): Maybe<RequestDecision>
  /** Asked when the head of the response is there, of requests that it has let pass. */
  response?(response: FilterResponse): Maybe<ResponseDecision>
}

/** What a decision led to. */
export type Outcome = 'allowed' | 'denied' | 'answered' | 'failed'
