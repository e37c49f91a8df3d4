import type { FakeResponse } from './fake-response.js'
import type { Respond } from './respond.js'
import type { SeenRequest } from './seen-request.js'

/**
 * Answers a request as soon as its head has been read. The returned response is sent; a script that returns nothing
 * answers through `respond`, now or later.
 */
export type ScriptFunction = (request: SeenRequest, respond: Respond) => Scripted | Promise<Scripted>

// biome-ignore lint/suspicious/noConfusingVoidType: a function without a return statement is a script too.
type Scripted = FakeResponse | undefined | void

/** How a fake upstream answers: always the same, or as a function says. */
export type Script = FakeResponse | ScriptFunction

/** A request that waits for the test to answer it. */
export interface Held {
  readonly request: SeenRequest
  readonly respond: Respond
}

/** Plays a script. */
export async function play(script: Script, request: SeenRequest, respond: Respond): Promise<void> {
  const answer = typeof script === 'function' ? await script(request, respond) : script
  if (answer !== undefined) await respond.answer(answer)
}
