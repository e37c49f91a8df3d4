import type { ChangePart, GatewayConfig, InSteps } from '@gatewright/core'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { exitCodeOf } from '../findings/exit-code.js'
import type { Finding } from '../findings/finding.js'
import { checkInvariants } from '../invariants/check-invariants.js'
import { lintInSteps } from '../lint.js'
import { routeIds } from '../view/route-ids.js'

/**
 * The part of a gateway that holds `lint.failOn`: a change that brings a finding which the running configuration does not have is
 * refused. A waiver that expires, or an old finding, so never stands in the way of another change.
 */
export const lintPart: ChangePart = {
  name: '@gatewright/lint',
  *prepare(next, previous, problems): InSteps<undefined> {
    const failOn = next.config.lint?.failOn ?? 'never'
    if (previous === null || failOn === 'never') return undefined
    const found = yield* findingsIn(next.config)
    const counting = found.filter((finding) => exitCodeOf([finding], failOn) === 1)
    if (counting.length === 0) return undefined
    const known = new Set((yield* findingsIn(previous.config)).map((one) => nameOf(one, previous.config)))
    for (const finding of counting) {
      const { id, path, message, fix } = finding
      if (!known.has(nameOf(finding, next.config)))
        problems.push(`${path === '' ? 'the configuration' : path}: ${message} (${id}). ${fix}`)
    }
    return undefined
  }
}

function* findingsIn(config: GatewayConfig): InSteps<readonly Finding[]> {
  // What the gateway runs is whole: the keys of the server are in it too.
  const whole = config as GatewayServerConfig
  const violations = checkInvariants(whole)
  const findings = yield* lintInSteps(whole)
  return [...violations, ...findings.filter(({ waivedBy }) => waivedBy === undefined)]
}

// A route that has only moved has no new finding.
function nameOf({ id, path, message }: Finding, { routes = [] }: GatewayConfig): string {
  const [, index, rest = ''] = /^routes\[(\d+)\](.*)$/s.exec(path) ?? []
  return JSON.stringify([id, index === undefined ? path : [routeIds(routes)[Number(index)], rest], message])
}
