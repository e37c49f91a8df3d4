import {
  allRoutes,
  type EditedHead,
  type Exchange,
  type InSteps,
  type Route,
  type Snapshot,
  settingIn
} from '@gatewright/core'
import { securityHeadersKey } from './keys.js'
import type { SecurityHeadersSettings } from './settings.js'

/** Adds security headers to the routes that have them. */
export function* headerSteps(next: Snapshot): InSteps<void> {
  const ofAll = settingIn(securityHeadersKey, next.config)
  for (const route of [null, ...allRoutes(next)]) {
    const settings =
      route === null || route.given(securityHeadersKey.name) === undefined
        ? ofAll
        : route.setting(securityHeadersKey)
    if (settings !== null) addSteps(next, route, settings)
    yield
  }
}

function addSteps(next: Snapshot, route: Route | null, settings: SecurityHeadersSettings): void {
  const { overTls, inPlain, dropped } = settings
  if (route !== null && dropped.size > 0)
    next.steps.editResponses(route, { name: 'security headers', edit: (head) => drop(head, dropped) })
  next.steps.add(route, {
    name: 'security headers',
    phase: 'onSend',
    place: 'last',
    run: function addSecurityHeaders(request, reply, _payload, done) {
      const { ingress, preflightMethod } = request.exchange as Exchange
      // Browsers put the fields of a 304 over those of the page that they have: it may have a policy of its own, which the
      // upstream need not repeat (RFC 9110, section 15.4.5).
      if (preflightMethod === '' && reply.statusCode !== 304)
        // Some plugins, such as @fastify/helmet, write to Node's response.
        for (const [name, value] of ingress.proto === 'https' ? overTls : inPlain)
          if (!reply.hasHeader(name) && !reply.raw.hasHeader(name)) reply.header(name, value)
      done()
    }
  })
}

function drop(head: EditedHead, dropped: ReadonlySet<string>): void {
  const { headers } = head
  const kept: (string | string[])[] = []
  for (let i = 0; i < headers.length; i += 2)
    if (!dropped.has(headers[i] as string))
      kept.push(headers[i] as string, headers[i + 1] as string | string[])
  if (kept.length < headers.length) head.headers = kept
}
