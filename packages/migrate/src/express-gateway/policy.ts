import type { Draft, Options } from '../draft.js'
import type { Tree } from '../tree/tree.js'

/** What a policy makes of a route. */
export interface PolicyResult {
  readonly options: Options
  /** The name of a scheme that it demands. */
  readonly scheme?: string
}

/** What translates the action of a policy. `place` is the policy itself. */
export type PolicyTranslator = (action: Tree | undefined, place: Tree, draft: Draft) => PolicyResult

/** Nothing at all. */
export const nothing: PolicyResult = { options: {} }
