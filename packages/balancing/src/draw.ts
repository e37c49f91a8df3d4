import type { Candidates, Chance, Endpoint } from '@gatewright/core'

/** Draws one candidate, each as likely as its weight, leaving out `except` unless it is the only one. */
export function draw(candidates: Candidates, chance: Chance, except?: Endpoint): Endpoint {
  let total = 0
  for (const endpoint of candidates) if (endpoint !== except) total += endpoint.weight
  let point = chance() * total
  let drawn = candidates[0]
  for (const endpoint of candidates) {
    if (endpoint === except) continue
    drawn = endpoint
    point -= endpoint.weight
    if (point < 0) break
  }
  return drawn
}
