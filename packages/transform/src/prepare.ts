import { allRoutes, didYouMean, type InSteps, type Route, type Snapshot, settingIn } from '@gatewright/core'
import { describeMethod, describeRequest, describeResponse } from './describe.js'
import type { JsonObserver } from './json/observing.js'
import type { JsonSettings } from './json/settings.js'
import { addJsonSteps } from './json/steps.js'
import { transformKey } from './keys.js'
import { methodStep } from './method-step.js'
import { requestEdit } from './request-transform.js'
import { ResponseTransform } from './response-transform.js'
import type { ResponseSettings, TransformSettings } from './settings.js'

/** Gives the routes of the next configuration their transforms. */
export function* prepareTransforms(
  next: Snapshot,
  observer: JsonObserver,
  problems: string[]
): InSteps<undefined> {
  const all = settingIn(transformKey, next.config)
  for (const route of allRoutes(next)) {
    yield
    const own = route.setting(transformKey)
    const isOff = route.given(transformKey.name) === false
    const transforms = isOff ? [] : [all, own].filter((one) => one !== null)
    for (const one of transforms) {
      problems.push(...unknownParams(route, one), ...withoutEffect(route, one))
      addTransform(next, route, one)
    }
    const json = (which: 'request' | 'response'): JsonSettings[] =>
      transforms.flatMap((one) => one[which]?.json ?? [])
    addJsonSteps(next, route, json('request'), json('response'), observer)
  }
}

function addTransform(
  { steps }: Snapshot,
  route: Route,
  { config, request, response }: TransformSettings
): void {
  if (request !== null && !answersItself(route)) {
    const { method, host, headers, query } = request
    if (method !== null) steps.add(route, methodStep(describeMethod(config), method))
    if (host !== null || headers !== null || query !== null)
      steps.editRequests(route, requestEdit(describeRequest(config), request))
  }
  if (response !== null && changesHead(response))
    steps.editResponses(route, new ResponseTransform(describeResponse(config), response))
}

function changesHead({ status, location, cookies, headers }: ResponseSettings): boolean {
  return status !== null || location !== null || cookies !== null || headers.length > 0
}

// A handler may forward.
function answersItself({ action: { kind } }: Route): boolean {
  return kind === 'redirect' || kind === 'respond'
}

function* withoutEffect(route: Route, { request }: TransformSettings): Iterable<string> {
  if (request !== null && answersItself(route) && route.origin(transformKey.name) === 'route')
    yield `${route.source}.transform.request: does nothing: the route answers with '${route.action.kind}' and forwards nothing`
}

function* unknownParams(route: Route, { params }: TransformSettings): Iterable<string> {
  const names = paramsOf(route)
  for (const name of new Set(params))
    if (!names.includes(name))
      yield `${route.source}: transform uses '{params.${name}}', which its path does not have${didYouMean(name, names)}`
}

function paramsOf({ match, source }: Route): readonly string[] {
  if (match?.path.kind === 'regex') return []
  const path = match === null ? source.slice(source.indexOf('/')) : match.path.value
  const names = [...path.matchAll(/:([A-Za-z_]\w*)/g)].map((found) => found[1] as string)
  return match?.path.kind === 'prefix' || path.endsWith('*') ? [...names, '*'] : names
}
