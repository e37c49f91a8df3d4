import type { Route, Snapshot } from '@gatewright/core'
import { holdsFor } from '../headers/when.js'
import { observedRequestStep, observedResponseStep } from './observed-steps.js'
import type { JsonObserver } from './observing.js'
import { requestStep } from './request-step.js'
import { askForWhole, responseStep } from './response-step.js'
import { bothJson, type JsonSettings } from './settings.js'

const NAME = 'transform JSON'

/**
 * Adds the steps that change the JSON of a route's requests and responses, in the order of the settings. Those of one mode are one
 * step, and one pass over the body.
 */
export function addJsonSteps(
  next: Snapshot,
  route: Route,
  requests: readonly JsonSettings[],
  responses: readonly JsonSettings[],
  observer: JsonObserver
): void {
  for (const group of byMode(requests)) {
    const settings = group.reduce(bothJson)
    next.steps.add(route, {
      name: nameOf(settings),
      phase: 'preHandler',
      run: settings.observe ? observedRequestStep(settings, route, observer) : requestStep(settings, route)
    })
  }
  const enforced = responses.filter(({ observe }) => !observe)
  if (enforced.length > 0)
    next.steps.add(route, {
      name: 'transform: ask for whole JSON',
      phase: 'onRequest',
      run: askForWhole(enforced.reduce(bothJson))
    })
  for (const group of byMode(responses)) {
    const [first] = group as readonly [JsonSettings]
    next.steps.add(route, {
      name: nameOf(first),
      phase: 'onSend',
      run: byStatus(group, (settings) =>
        settings.observe ? observedResponseStep(settings, observer) : responseStep(settings)
      )
    })
  }
}

function nameOf({ observe }: JsonSettings): string {
  return observe ? `${NAME} (observe)` : NAME
}

function byMode(all: readonly JsonSettings[]): readonly (readonly JsonSettings[])[] {
  const isOfOne = all.every(({ observe }) => observe === all[0]?.observe)
  return isOfOne ? [all].filter(({ length }) => length > 0) : all.map((one) => [one])
}

type SendStep = ReturnType<typeof responseStep>

// Which of them are for a status is known with it; each choice has its step.
function byStatus(group: readonly JsonSettings[], stepOf: (settings: JsonSettings) => SendStep): SendStep {
  const [first, second] = group as readonly [JsonSettings, JsonSettings?]
  const firstStep = stepOf(first)
  if (second === undefined && first.when === null) return firstStep
  const secondStep = second === undefined ? null : stepOf(second)
  const bothStep = second === undefined ? null : stepOf(bothJson(first, second))
  if (first.when === null && second?.when === null) return bothStep as SendStep
  return function chooseByStatus(request, reply, payload, done) {
    const status = statusOfWhole(reply.statusCode)
    const isFirst = holdsFor(first.when, status)
    const isSecond = second !== undefined && holdsFor(second.when, status)
    const step = isFirst ? (isSecond ? bothStep : firstStep) : isSecond ? secondStep : null
    if (step === null) done(null, payload)
    else step(request, reply, payload, done)
  }
}

// What a client has, or has a part of, came with 200.
function statusOfWhole(status: number): number {
  return status === 304 || status === 206 ? 200 : status
}
