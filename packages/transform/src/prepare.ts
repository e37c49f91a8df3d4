import { allRoutes, didYouMean, type Route, type Snapshot, settingIn } from '@gatewright/core'
import { bothJson, type JsonSettings } from './json/settings.js'
import { addJsonSteps } from './json/steps.js'
import { transformKey } from './keys.js'
import { RequestTransform } from './request-transform.js'
import type { TransformSettings } from './settings.js'

/** Gives the routes of the next configuration their transforms. */
export function prepareTransforms(next: Snapshot, problems: string[]): undefined {
  const all = settingIn(transformKey, next.config)
  for (const route of allRoutes(next)) {
    const own = route.setting(transformKey)
    const isOff = route.given(transformKey.name) === false
    const transforms = isOff ? [] : [all, own].filter((one) => one !== null)
    for (const one of transforms) {
      problems.push(...unknownParams(route, one))
      const request = new RequestTransform(one)
      if (!request.isEmpty) next.steps.editRequests(route, request)
    }
    const json = (which: 'requestJson' | 'responseJson'): JsonSettings | null =>
      transforms.reduce<JsonSettings | null>((first, one) => bothJson(first, one[which]), null)
    addJsonSteps(next, route, json('requestJson'), json('responseJson'))
  }
}

function* unknownParams(route: Route, settings: TransformSettings): Iterable<string> {
  const names = paramsOf(route)
  if (names === null) return
  const { requestHeaders, requestJson, responseJson } = settings
  const used = [requestHeaders, requestJson, responseJson].flatMap((one) => one?.params ?? [])
  for (const name of new Set(used))
    if (!names.includes(name))
      yield `${route.source}: transform uses '{params.${name}}', which its path does not have${didYouMean(name, names)}`
}

// The parameters of a route; `null` where they cannot be told.
function paramsOf({ match, source }: Route): readonly string[] | null {
  if (match?.path.kind === 'regex') return []
  const path = match === null ? source.slice(source.indexOf('/')) : match.path.value
  const names = [...path.matchAll(/:([A-Za-z_]\w*)/g)].map((found) => found[1] as string)
  return match?.path.kind === 'prefix' || path.endsWith('*') ? [...names, '*'] : names
}
