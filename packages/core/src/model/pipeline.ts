import type { FastifyInstance } from 'fastify'
import type { ResolvedHooks } from '../config/hooks.js'
import type { RequestEdit, ResponseEdit } from './edits.js'

/** A hook, as it is called: with a callback, or returning a promise. */
export type AnyHook = (this: FastifyInstance, ...args: never[]) => unknown

/** The phases of Fastify in which steps run. */
export type StepPhase = keyof ResolvedHooks

/**
 * When a step runs within its phase. `arrival`: first, before admission. `admitted`: right
 * after that, before it is known who it is from. `identity`: finds out who it is from. `policy` (default): after that and
 * before the user's hooks. `last`: after the user's hooks.
 */
export type StepPlace = 'arrival' | 'admitted' | 'identity' | 'policy' | 'last'

/**
 * What a feature does with the requests of one route: a Fastify hook with a name. It may answer (`reply.send`) instead of
 * going on, throw or call back with a `GatewayError`, and in `onSend` return another payload.
 */
export interface Step<Phase extends StepPhase = StepPhase> {
  /** Names it in `explain()`. */
  readonly name: string
  readonly phase: Phase
  readonly place?: StepPlace
  readonly run: ResolvedHooks[Phase][number]
}

/** What a request goes through, in order: the steps of features and the user's hooks. Empty lists cost nothing. */
export interface Pipeline {
  readonly onRequest: readonly AnyHook[]
  readonly preHandler: readonly AnyHook[]
  /** What changes the request of each attempt. */
  readonly requestEdits: readonly RequestEdit[]
  /** What changes the upstream's response, before `onSend`. */
  readonly responseEdits: readonly ResponseEdit[]
  readonly onSend: readonly AnyHook[]
  readonly onResponse: readonly AnyHook[]
  /** Their names, for people: `onRequest: rate limit`. */
  readonly names: readonly string[]
}

/** Nothing but the request itself. */
export const EMPTY_PIPELINE: Pipeline = Object.freeze({
  onRequest: [],
  preHandler: [],
  requestEdits: [],
  responseEdits: [],
  onSend: [],
  onResponse: [],
  names: []
})
