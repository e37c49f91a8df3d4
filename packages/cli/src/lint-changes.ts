import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ChangePart, InSteps } from '@gatewright/core'
import type { GatewayBuilder } from '@gatewright/gateway'

/** The part that `lint.failOn` asks for. */
const NAME = '@gatewright/lint'

/** What `lintChanges` of @gatewright/lint does, which is loaded for the first change that asks for it. */
const lintOnChange: ChangePart = {
  name: NAME,
  async prepare(next, previous, problems) {
    if (previous === null || (next.config.lint?.failOn ?? 'never') === 'never') return undefined
    const { lintPart } = await import('@gatewright/lint')
    const steps = lintPart.prepare(next, previous, problems) as InSteps<undefined>
    while (steps.next().done !== true) await nextTurn()
    return undefined
  }
}

/** Has changes of a gateway refused as `lint.failOn` says. */
export function withLint<G extends GatewayBuilder>(gateway: G): G {
  return gateway.register(async (app) => app.gateway.changes.push(lintOnChange))
}

/** Lets a gateway that is only asked have `lint.failOn`, and does nothing by it. */
export function withoutLint<G extends GatewayBuilder>(gateway: G): G {
  return gateway.register(async (app) => app.gateway.changes.push({ name: NAME, prepare: () => undefined }))
}
