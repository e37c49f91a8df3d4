import type { BalancingPolicyType } from '@gatewright/core'
import { draw } from './draw.js'

/** `random`: each endpoint as likely as its weight. Keeps no state and looks at no load. */
export const random: BalancingPolicyType = {
  name: 'random',
  create: (_options, { chance }) => ({
    name: 'random',
    pick: (candidates) => draw(candidates, chance)
  })
}
