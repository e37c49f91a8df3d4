import { isOn } from '../config/mode.js'
import { allRoutes } from '../model/all-routes.js'
import type { Fact } from '../model/fact.js'
import type { Snapshot } from '../model/snapshot.js'

/** The facts that exchanges of a configuration can have: see {@link Fact.keys}. */
export function usedFacts(snapshot: Snapshot): readonly Fact[] {
  const { facts } = snapshot
  const isOnAnywhere = new Map<string, boolean>()
  const used = facts.filter(
    ({ keys }) =>
      keys === undefined ||
      keys.some((key) => {
        const known = isOnAnywhere.get(key) ?? isKeyOn(snapshot, key)
        isOnAnywhere.set(key, known)
        return known
      })
  )
  return used.length === facts.length ? facts : used
}

function isKeyOn(snapshot: Snapshot, key: string): boolean {
  if (isOn((snapshot.config as Readonly<Record<string, unknown>>)[key])) return true
  for (const route of allRoutes(snapshot)) if (isOn(route.given(key))) return true
  return false
}
