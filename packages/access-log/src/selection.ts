import type { Exchange } from '@gatewright/core'
import type { SelectionSettings } from './settings.js'

/** Whether an ended exchange is logged: errors, fallbacks and slow ones always, others by sampling. */
export function isLogged(exchange: Exchange, { share, slowMs }: SelectionSettings): boolean {
  if (share >= 1 || exchange.status >= 400 || exchange.reason !== null || exchange.fallback !== null)
    return true
  if (exchange.endedAt - exchange.startedAt >= slowMs) return true
  return drawOf(exchange.id) < share
}

/**
 * A number from 0 (included) to 1 (excluded) that depends on the text alone, so that every gateway on a request's way
 * decides alike: FNV-1a, with the last step of MurmurHash3, as FNV alone mixes the high bits of short texts badly.
 */
export function drawOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
