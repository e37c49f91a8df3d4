import type { Route, Snapshot } from '@gatewright/core'
import { requestStep } from './request-step.js'
import { askForWhole, responseStep } from './response-step.js'
import type { JsonSettings } from './settings.js'

/** Adds the steps that change the JSON of a route's requests and responses; none for what is `null`. */
export function addJsonSteps(
  next: Snapshot,
  route: Route,
  request: JsonSettings | null,
  response: JsonSettings | null
): void {
  if (response !== null) {
    next.steps.add(route, {
      name: 'transform: ask for whole JSON',
      phase: 'onRequest',
      run: askForWhole(response)
    })
    next.steps.add(route, { name: 'transform JSON', phase: 'onSend', run: responseStep(response) })
  }
  if (request !== null)
    next.steps.add(route, { name: 'transform JSON', phase: 'preHandler', run: requestStep(request, route) })
}
