import type { ResolvedHooks } from '../config/hooks.js'
import type { Key } from '../config/keys.js'
import type { Pipeline } from '../model/pipeline.js'
import type { Pool } from '../model/pool.js'
import type {
  Fallback,
  Origin,
  ReadMapping,
  Rewrite,
  Route,
  RouteAction,
  RouteMatch
} from '../model/route.js'
import type { Timeouts } from '../model/settings.js'
import type { RouteSettings } from './route-settings.js'

/** What core itself knows of a route. */
export type RouteFields = Omit<Route, 'setting' | 'given' | 'origin' | 'slots'>

/** A route of a snapshot: what core knows of it in fields, and what features do by their keys. Frozen when its pipeline is sealed. */
export class CompiledRoute implements Route {
  readonly id: string
  readonly source: string
  readonly match: RouteMatch | null
  readonly action: RouteAction
  readonly pool: Pool | null
  readonly timeouts: Timeouts
  readonly bodyLimit: number
  readonly keepBody: number
  readonly preserveHost: boolean
  readonly rewrite: Rewrite | null
  readonly undo: ReadMapping | null
  readonly hooks: ResolvedHooks | null
  readonly pipeline: Pipeline
  readonly fallback: Fallback | null
  readonly slots: unknown[] = []
  readonly #settings: RouteSettings

  constructor(fields: RouteFields, settings: RouteSettings) {
    this.id = fields.id
    this.source = fields.source
    this.match = fields.match
    this.action = fields.action
    this.pool = fields.pool
    this.timeouts = fields.timeouts
    this.bodyLimit = fields.bodyLimit
    this.keepBody = fields.keepBody
    this.preserveHost = fields.preserveHost
    this.rewrite = fields.rewrite
    this.undo = fields.undo
    this.hooks = fields.hooks
    this.pipeline = fields.pipeline
    this.fallback = fields.fallback
    this.#settings = settings
  }

  setting<S>(key: Key<unknown, S>): S {
    const given = this.#settings.get(key.name)
    return given === undefined ? key.resolve(undefined) : (given.setting as S)
  }

  given(name: string): unknown {
    return this.#settings.get(name)?.value
  }

  origin(name: string): Origin | null {
    return this.#settings.get(name)?.origin ?? null
  }
}
