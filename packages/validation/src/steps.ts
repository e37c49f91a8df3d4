import { allRoutes, type Chance, type InSteps, type Key, type Route, type Snapshot } from '@gatewright/core'
import type { Findings } from './findings.js'
import { bodyStep, headStep } from './request-steps.js'
import { responseStep } from './response-step.js'
import type { ValidationSettings } from './settings.js'

/** Adds the steps of every route that has something to check; others run none. */
export function* addSteps(
  next: Snapshot,
  key: Key<never, ValidationSettings | null>,
  chance: Chance,
  findings: Findings
): InSteps<void> {
  for (const route of allRoutes(next)) {
    const settings = (route as Route).setting(key as Key<unknown, ValidationSettings | null>)
    if (settings !== null) addTo(route, settings)
    yield
  }

  function addTo(route: Route, settings: ValidationSettings): void {
    const { head, body, response, observe, maxErrors } = settings
    const how = observe ? ' (observe)' : ''
    if (head.length > 0)
      next.steps.add(route, {
        name: `validation of ${head.map(({ part }) => part).join(', ')}${how}`,
        phase: 'onRequest',
        run: headStep(settings, findings)
      })
    if (body !== null)
      next.steps.add(route, {
        name: `validation of body${how}`,
        phase: 'preHandler',
        run: bodyStep(settings, body, route, findings)
      })
    if (response !== null)
      next.steps.add(route, {
        name: `validation of response${response.observe ? ' (observe)' : ''}`,
        phase: 'onSend',
        run: responseStep(response, maxErrors, chance, findings)
      })
  }
}
