import type { InSteps } from '../config/in-steps.js'
import { isOn } from '../config/mode.js'
import { allRoutes } from '../model/all-routes.js'
import type { Fact } from '../model/fact.js'
import type { Snapshot } from '../model/snapshot.js'

/** The facts that exchanges of a configuration can have: see {@link Fact.keys}. */
export function* usedFacts(snapshot: Snapshot): InSteps<readonly Fact[]> {
  const { facts } = snapshot
  const isOnAnywhere = new Map<string, boolean>()
  for (const key of new Set(facts.flatMap(({ keys = [] }) => keys)))
    isOnAnywhere.set(key, yield* isKeyOn(snapshot, key))
  const used = facts.filter(({ keys }) => keys === undefined || keys.some((key) => isOnAnywhere.get(key)))
  return used.length === facts.length ? facts : used
}

function* isKeyOn(snapshot: Snapshot, key: string): InSteps<boolean> {
  if (isOn((snapshot.config as Readonly<Record<string, unknown>>)[key])) return true
  for (const route of allRoutes(snapshot)) {
    if (isOn(route.given(key))) return true
    yield
  }
  return false
}
