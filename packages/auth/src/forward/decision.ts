import type { PoolResponse } from '@gatewright/core'
import type { Found } from '../found.js'
import { type Answered, type Passed, type Unavailable, unavailable } from '../scheme.js'
import type { ForwardSettings } from './settings.js'

/** The service has allowed a request. */
interface Allowed {
  readonly kind: 'allowed'
  /** Who it is from; `null` where the service does not say. */
  readonly found: Found | null
  /** Headers for the upstream; `null` for one that it must not get, as the service has not said it. */
  readonly sets: Passed['sets']
}

/** What a service has said of a request. */
export type Decision = Allowed | Answered

type Fields = PoolResponse['headers']

/** What a response of the service means. */
export function decisionOf(
  { status, headers, body }: PoolResponse,
  settings: ForwardSettings
): Decision | Unavailable {
  if (status >= 200 && status < 300)
    return {
      kind: 'allowed',
      found: foundIn(headers, settings),
      sets: setsIn(headers, settings)
    }
  const isRefusal =
    status === 401 || status === 403 || (isRedirect(status) && fieldOf(headers, 'location') !== '')
  if (!isRefusal) return unavailable(`pool '${settings.pool}' answered ${status}`)
  return {
    kind: 'answered',
    detail: `pool '${settings.pool}' answered ${status}`,
    status,
    headers: [...named(headers, settings.refusalHeaders)],
    body
  }
}

/** How long a decision holds, in milliseconds, by the settings and what the response says (RFC 9111, section 5.2.2). */
export function lifetimeOf(decision: Decision, { headers }: PoolResponse, settings: ForwardSettings): number {
  const { cache } = settings
  if (cache === null) return 0
  const control = fieldOf(headers, 'cache-control').toLowerCase()
  if (/(?:^|[\s,])(?:no-store|no-cache)(?:$|[\s,=])/.test(control)) return 0
  const [, seconds] = /(?:^|[\s,])max-age=(\d{1,9})(?:$|[\s,])/.exec(control) ?? []
  const ms = decision.kind === 'allowed' ? cache.ttlMs : cache.deniedMs
  return seconds === undefined ? ms : Math.min(ms, Number(seconds) * 1_000)
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308
}

function foundIn(headers: Fields, { identity }: ForwardSettings): Found | null {
  if (identity === null) return null
  const subject = fieldOf(headers, identity.subject)
  if (subject === '') return null
  const consumer = identity.consumer === undefined ? '' : fieldOf(headers, identity.consumer)
  return {
    subject,
    ...(consumer === '' ? {} : { consumer }),
    scopes: identity.scopes === undefined ? [] : words(fieldOf(headers, identity.scopes), ' '),
    roles: identity.roles === undefined ? [] : words(fieldOf(headers, identity.roles), ',')
  }
}

/** The headers that upstreams get of a response; of none, that they get none. */
export function setsIn(headers: Fields, { responseHeaders }: ForwardSettings): NonNullable<Passed['sets']> {
  return [...responseHeaders].map((name) => [name, fieldOf(headers, name) || null] as const)
}

function words(text: string, separator: string): string[] {
  return text
    .split(separator)
    .map((word) => word.trim())
    .filter((word) => word !== '')
}

function fieldOf(headers: Fields, name: string): string {
  for (let index = 0; index < headers.length; index += 2)
    if (headers[index] === name) return [headers[index + 1] as string | string[]].flat().join(', ')
  return ''
}

function* named(
  headers: Fields,
  names: ReadonlySet<string>
): Iterable<readonly [name: string, value: string]> {
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string
    if (names.has(name))
      for (const value of [headers[index + 1] as string | string[]].flat()) yield [name, value]
  }
}
