import type { AttemptRecord, EditedHead, Exchange, ResponseEdit, Route } from '@gatewright/core'
import { rewriteCookie } from './cookies/cookie-rewrite.js'
import { holdsFor } from './headers/when.js'
import { LocationRewrite } from './location/location-rewrite.js'
import { PathUndo } from './location/path-undo.js'
import type { ResponseSettings } from './settings.js'
import type { AnswerSource } from './template/variable.js'

/** Changes the responses of a route. */
export class ResponseTransform implements ResponseEdit {
  readonly name: string
  readonly #settings: ResponseSettings

  constructor(name: string, settings: ResponseSettings) {
    this.name = name
    this.#settings = settings
  }

  edit(head: EditedHead, exchange: Exchange, attempt: AttemptRecord | null): void {
    const { headers } = this.#settings
    if (attempt !== null) this.#ofUpstream(head, exchange, attempt)
    let answer: AnswerSource | null = null
    for (const { when, edit, own } of headers) {
      if (!holdsFor(when, head.status)) continue
      answer ??= { endpoint: addressOf(attempt), status: head.status }
      head.headers = (attempt === null ? own : edit).apply(head.headers, exchange, answer)
    }
  }

  #ofUpstream(head: EditedHead, exchange: Exchange, attempt: AttemptRecord): void {
    const { status, location, cookies } = this.#settings
    if (status !== null) mapStatus(head, status)
    if (location === null && cookies === null) return
    const route = exchange.route as Route
    const { headers } = head
    let urls: LocationRewrite | null = null
    for (let i = 0; i < headers.length; i += 2) {
      const name = headers[i] as string
      const value = headers[i + 1] as string | string[]
      if (location !== null && (name === 'location' || name === 'content-location' || name === 'refresh')) {
        urls ??= new LocationRewrite(location, exchange, route, attempt.endpoint)
        const rewrite = urls
        headers[i + 1] = each(value, (one) => (name === 'refresh' ? rewrite.refresh(one) : rewrite.url(one)))
      } else if (cookies !== null && name === 'set-cookie') {
        const undo = new PathUndo(exchange, route, attempt.endpoint)
        headers[i + 1] = each(value, (one) => rewriteCookie(one, cookies, (path) => undo.cookiePath(path)))
      }
    }
  }
}

// A body that is not sent has no form either.
const OF_THE_BODY = new Set([
  'content-type',
  'content-encoding',
  'content-length',
  'content-language',
  'etag'
])

function mapStatus(head: EditedHead, map: NonNullable<ResponseSettings['status']>): void {
  const to = map[head.status] ?? 0
  if (to === 0) return
  head.status = to
  if (to !== 204) return
  const { headers } = head
  head.headers = headers.filter((_part, i) => !OF_THE_BODY.has(headers[i - (i % 2)] as string))
}

function each(value: string | string[], change: (one: string) => string): string | string[] {
  return typeof value === 'string' ? change(value) : value.map(change)
}

function addressOf(attempt: AttemptRecord | null): string {
  if (attempt === null) return ''
  const { origin } = attempt.endpoint
  return origin.slice(origin.indexOf('//') + 2)
}
