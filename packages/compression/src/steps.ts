import {
  allRoutes,
  type Exchange,
  type InSteps,
  type Route,
  type Snapshot,
  settingIn
} from '@gatewright/core'
import { Compressor } from './compressor.js'
import { compressionKey } from './keys.js'

/** Adds compression to the routes of a configuration that have it. */
export function* compressionSteps(next: Snapshot, slot: number): InSteps<void> {
  const ofAll = settingIn(compressionKey, next.config)
  for (const route of [null, ...allRoutes(next)]) {
    const settings =
      route === null || route.given(compressionKey.name) === undefined ? ofAll : route.setting(compressionKey)
    if (settings !== null) addStep(next, route, new Compressor(settings, slot))
    yield
  }
}

function addStep(next: Snapshot, route: Route | null, compressor: Compressor): void {
  next.steps.add(route, {
    name: 'compression',
    phase: 'onSend',
    place: 'last',
    run: function compress(request, reply, payload, done) {
      compressor.send(request.exchange as Exchange, reply, payload, done)
    }
  })
}
