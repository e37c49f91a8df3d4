import { differences } from '../meaning/differences.js'
import { nodeOf } from '../meaning/node.js'
import { policy as policyShape } from '../meaning/option-shapes.js'
import type { ConfigView } from '../view/config-view.js'
import type { PlacedChange } from './change.js'
import { changeOf } from './change-of.js'

/** What differs in policies and reaches no route. What reaches one is seen there: `seen`. */
export function* policyChanges(
  from: ConfigView,
  to: ConfigView,
  seen: readonly PlacedChange[]
): Iterable<PlacedChange> {
  for (const id of new Set([...from.policies.keys(), ...to.policies.keys()])) {
    const path = `policies.${id}`
    const [old, next] = [from.policies.get(id)?.config, to.policies.get(id)?.config]
    const shown = new Set(
      seen.flatMap(({ change: { via = '' } }) => (via.startsWith(`${path}.`) ? [via] : []))
    )
    const wholes = [nodeOf(spread(old), policyShape), nodeOf(spread(next), policyShape)] as const
    for (const difference of differences(...wholes)) {
      const [key = '', name = ''] = difference.keys
      const via = key === 'timeouts' ? `${path}.timeouts.${name}` : `${path}.${key}`
      if (key === '' ? shown.size > 0 : shown.has(via)) continue
      const what = `policy '${id}', which reaches no route here`
      const placed = changeOf(difference, { path, what }, wholes)
      yield key === '' ? placed : { ...placed, change: { ...placed.change, risk: 'changed' } }
    }
  }
}

/** Options with `timeout` in its long form. */
function spread(config: object | undefined): object | undefined {
  if (config === undefined) return undefined
  const { timeout, timeouts, ...others } = config as { timeout?: string; timeouts?: object }
  return timeout === undefined ? config : { ...others, timeouts: { ...timeouts, total: timeout } }
}
