import { differences } from '../meaning/differences.js'
import { nodeOf } from '../meaning/node.js'
import { pool as poolShape } from '../meaning/pool-shapes.js'
import type { ConfigView } from '../view/config-view.js'
import type { PlacedChange } from './change.js'
import { changeOf } from './change-of.js'

/** What differs in a pool. */
export function* poolChanges(id: string, from: ConfigView, to: ConfigView): Iterable<PlacedChange> {
  const whole = { path: `pools.${id}`, what: `pool '${id}'` }
  const wholes = [
    nodeOf(from.pools.get(id)?.config, poolShape),
    nodeOf(to.pools.get(id)?.config, poolShape)
  ] as const
  for (const difference of differences(...wholes)) yield changeOf(difference, whole, wholes)
}
