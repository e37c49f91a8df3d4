import type {
  onRequestHookHandler,
  onResponseHookHandler,
  onSendHookHandler,
  preHandlerHookHandler,
  RouteHandlerMethod
} from 'fastify'

/** A Fastify handler. */
export type RouteHandler = RouteHandlerMethod

type OneOrMany<T> = T | readonly T[]

/** Standard Fastify hooks, attached to a route of the table or to a policy. */
export interface RouteHooks {
  readonly onRequest?: OneOrMany<onRequestHookHandler>
  readonly preHandler?: OneOrMany<preHandlerHookHandler>
  readonly onSend?: OneOrMany<onSendHookHandler>
  readonly onResponse?: OneOrMany<onResponseHookHandler>
}

/** The hooks of one route, policies' first, flattened; a phase without hooks is an empty list. */
export interface ResolvedHooks {
  readonly onRequest: readonly onRequestHookHandler[]
  readonly preHandler: readonly preHandlerHookHandler[]
  readonly onSend: readonly onSendHookHandler[]
  readonly onResponse: readonly onResponseHookHandler[]
}
