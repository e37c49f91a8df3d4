import {
  allRoutes,
  type Exchange,
  type InSteps,
  type Route,
  type Snapshot,
  settingIn
} from '@gatewright/core'
import { corsKey } from './keys.js'
import { type CorsContext, RouteCors } from './route-cors.js'
import type { CorsSettings } from './settings.js'

/** Adds CORS to the routes of a configuration that have it. */
export function* corsSteps(next: Snapshot, context: CorsContext): InSteps<void> {
  const ofAll = settingIn(corsKey, next.config)
  for (const route of [null, ...allRoutes(next)]) {
    const settings = settingOf(route, ofAll)
    if (settings !== null) addSteps(next, route, settings, new RouteCors(settings, route, context))
    yield
  }
}

function settingOf(route: Route | null, ofAll: CorsSettings | null): CorsSettings | null {
  return route === null || route.given(corsKey.name) === undefined ? ofAll : route.setting(corsKey)
}

function addSteps(next: Snapshot, route: Route | null, { observe }: CorsSettings, cors: RouteCors): void {
  if (!observe) next.preflights.add(route)
  next.steps.add(route, {
    name: observe ? 'cors (observing)' : 'cors',
    phase: 'onRequest',
    place: 'admitted',
    run: function answerPreflights(request, reply, done) {
      cors.admit(request.exchange as Exchange, request, reply, done)
    }
  })
  if (observe) return
  next.steps.add(route, {
    name: 'cors',
    phase: 'onSend',
    place: 'last',
    run: function tellOrigins(request, reply, _payload, done) {
      cors.tell(request.exchange as Exchange, reply, done)
    }
  })
}
