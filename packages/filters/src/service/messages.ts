// The messages of `proto/gatewright/filter/v1/filter.proto`.
import { list, type Message, map, message, nested, optional, scalar } from '../wire/message.js'
import { Struct, type StructValue } from '../wire/struct.js'

const PACKAGE = 'gatewright.filter.v1'

const Identity = message(`${PACKAGE}.Identity`, {
  scheme: scalar(1, 'string'),
  subject: scalar(2, 'string'),
  consumer: scalar(3, 'string'),
  scopes: list(scalar(4, 'string')),
  roles: list(scalar(5, 'string')),
  claims: nested(6, () => Struct)
})

const HeaderChange = message(`${PACKAGE}.HeaderChange`, {
  name: scalar(1, 'string'),
  value: scalar(2, 'string'),
  how: scalar(3, 'int32')
})

const QueryChange = message(`${PACKAGE}.QueryChange`, {
  name: scalar(1, 'string'),
  value: optional(scalar(2, 'string'))
})

const Answer = message(`${PACKAGE}.Answer`, {
  status: scalar(1, 'uint32'),
  headers: list(nested(2, () => HeaderChange)),
  body: scalar(3, 'bytes')
})

/** What is asked about a request. */
export const RequestPhase: Message = message(`${PACKAGE}.RequestPhase`, {
  requestId: scalar(1, 'string'),
  route: scalar(2, 'string'),
  filter: scalar(3, 'string'),
  method: scalar(4, 'string'),
  scheme: scalar(5, 'string'),
  host: scalar(6, 'string'),
  path: scalar(7, 'string'),
  query: scalar(8, 'string'),
  client: scalar(9, 'string'),
  headers: map(scalar(10, 'string')),
  body: optional(scalar(11, 'bytes')),
  bodyPartial: scalar(12, 'bool'),
  identity: nested(13, () => Identity),
  context: map(scalar(14, 'string')),
  metadata: nested(15, () => Struct)
})

/** What is said to it. */
export const RequestDecisionMessage: Message = message(`${PACKAGE}.RequestDecision`, {
  answer: nested(1, () => Answer),
  headers: list(nested(2, () => HeaderChange)),
  responseHeaders: list(nested(3, () => HeaderChange)),
  query: list(nested(4, () => QueryChange)),
  metadata: nested(5, () => Struct)
})

/** What is asked about a response. */
export const ResponsePhase: Message = message(`${PACKAGE}.ResponsePhase`, {
  requestId: scalar(1, 'string'),
  route: scalar(2, 'string'),
  filter: scalar(3, 'string'),
  status: scalar(4, 'uint32'),
  headers: map(scalar(5, 'string')),
  context: map(scalar(6, 'string')),
  metadata: nested(7, () => Struct)
})

/** What is said to it. */
export const ResponseDecisionMessage: Message = message(`${PACKAGE}.ResponseDecision`, {
  answer: nested(1, () => Answer),
  headers: list(nested(2, () => HeaderChange)),
  metadata: nested(3, () => Struct)
})

/** The paths of its methods. */
export const METHODS = { request: `/${PACKAGE}.Filter/OnRequest`, response: `/${PACKAGE}.Filter/OnResponse` }

/** A {@link RequestPhase}. */
export interface RequestPhaseValue {
  readonly requestId: string
  readonly route: string
  readonly filter: string
  readonly method: string
  readonly scheme: string
  readonly host: string
  readonly path: string
  readonly query: string
  readonly client: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly bodyPartial: boolean
  readonly identity?: {
    readonly scheme: string
    readonly subject: string
    readonly consumer: string
    readonly scopes: readonly string[]
    readonly roles: readonly string[]
    readonly claims?: StructValue
  }
  readonly context: Readonly<Record<string, string>>
  readonly metadata?: StructValue
}

/** A {@link ResponsePhase}. */
export interface ResponsePhaseValue {
  readonly requestId: string
  readonly route: string
  readonly filter: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly context: Readonly<Record<string, string>>
  readonly metadata?: StructValue
}

/** A change of a field: `how` is 0 set, 1 append, 2 add if absent, 3 set if present, 4 remove. */
export interface HeaderChangeValue {
  readonly name: string
  readonly value: string
  readonly how: number
}

/** An answer. */
interface AnswerValue {
  readonly status: number
  readonly headers: readonly HeaderChangeValue[]
  readonly body: Uint8Array
}

/** A decision about a request; one about a response has a part of it. */
export interface DecisionValue {
  readonly answer?: AnswerValue
  readonly headers: readonly HeaderChangeValue[]
  readonly responseHeaders?: readonly HeaderChangeValue[]
  readonly query?: readonly { readonly name: string; readonly value?: string }[]
  readonly metadata?: StructValue
}
