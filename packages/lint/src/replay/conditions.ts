import type { ConfigView } from '../view/config-view.js'
import type { LoggedRequest } from './logged-request.js'

/** What routes choose by, besides method, host and path. */
export interface Conditions {
  /** What of it a logged request does not have. */
  missingIn(logged: LoggedRequest): Iterable<string>
}

/** What the routes of some configurations choose by. */
export function conditionsIn(views: readonly ConfigView[]): Conditions {
  const configs = views.flatMap(({ routes }) => routes.map(({ config }) => config))
  const names = new Set(
    configs.flatMap(({ headers }) => Object.keys(headers ?? {}).map((name) => name.toLowerCase()))
  )
  const usesQuery = configs.some(({ query }) => Object.keys(query ?? {}).length > 0)
  return {
    *missingIn({ hasQuery, headers }) {
      if (usesQuery && !hasQuery) yield 'query'
      for (const name of names) if (!headers.has(name)) yield `header ${name}`
    }
  }
}
