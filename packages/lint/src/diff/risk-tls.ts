import type { Difference } from '../meaning/differences.js'
import type { Risk } from './change.js'
import { isOn, listChange, observes, partOf } from './node-values.js'

/** What a change of `requireTls` does. */
export function requireTlsRisk({ keys, from, to }: Difference): Risk {
  const [, key = ''] = keys
  switch (key) {
    case '':
      return weakenedIf(!isOn(to) || observes(to))
    case 'mode':
      return weakenedIf(to?.shown === 'observe')
    case 'action':
      return weakenedIf(from?.shown === 'refuse')
    default:
      return 'changed'
  }
}

/** What a change of a pool's `tls` does. */
export function poolTlsRisk({ keys, from, to }: Difference): Risk {
  const [, key = ''] = keys
  switch (key) {
    case '':
      return weakenedIf(
        partOf(to, 'insecureBecause') !== undefined ||
          (to === undefined && partOf(from, 'insecureBecause') === undefined)
      )
    case 'insecureBecause':
      return from === undefined || to === undefined ? weakenedIf(to !== undefined) : 'changed'
    case 'minVersion':
      return weakenedIf(to?.shown !== 'TLSv1.3')
    case 'ca':
      return weakenedIf(to === undefined || (from !== undefined && listChange(from, to) !== 'fewer'))
    case 'servername':
      return 'upstream-changed'
    default:
      return 'changed'
  }
}

function weakenedIf(isWeaker: boolean): Risk {
  return isWeaker ? 'tls-weakened' : 'tls-strengthened'
}
