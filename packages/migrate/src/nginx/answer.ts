import type { Options } from '../draft.js'
import type { Directive } from './directives.js'

/** What a location answers: options of routes at its path, those with conditions first. */
export interface Answer {
  readonly options: Options
  readonly place: Directive
  /** An expression for the path in place of the location's. */
  readonly pattern?: string
}
