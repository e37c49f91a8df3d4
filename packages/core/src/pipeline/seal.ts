import type { InSteps } from '../config/in-steps.js'
import type { Route } from '../model/route.js'
import type { Snapshot } from '../model/snapshot.js'
import { admitStep, usesOnResponse } from './run-phases.js'

type Unsealed<T> = { -readonly [Key in keyof T]: T[Key] }

/** Gives every route of a prepared configuration its pipeline. Nothing of it changes from then on. */
export function* sealPipelines(snapshot: Snapshot): InSteps<void> {
  const { steps, stages, routes, native, hooks } = snapshot
  const admit = stages.admissions.length === 0 ? null : admitStep
  for (const route of [...routes, ...native.values()]) {
    ;(route as Unsealed<Route>).pipeline = steps.pipelineOf(route, route.hooks, admit)
    Object.freeze(route)
    yield
  }
  const open = snapshot as Unsealed<Snapshot>
  open.pipeline = steps.pipelineOf(null, hooks, admit)
  open.usesOnResponse = usesOnResponse(snapshot)
  Object.freeze(snapshot)
}
