import type { Chance } from '@gatewright/core'

/**
 * Chance that repeats: the same seed always gives the same numbers, from 0 (included) to 1 (excluded).
 * The generator is mulberry32 (Tommy Ettinger, public domain): 32 bits of state, a period of 2^32, good enough for
 * tests of distribution and not for secrets.
 *
 * @param seed Any integer; only its lowest 32 bits count. Default 1.
 */
export function seededChance(seed = 1): Chance {
  let state = seed | 0
  return function chance() {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
}
