import type { ExplainRequest } from '@gatewright/core'

/** A request as an access log has it. */
export interface LoggedRequest {
  readonly request: ExplainRequest
  /** The id of the route that took it then; `null` for none. */
  readonly route: string | null
  /** Whether its query was logged. */
  readonly hasQuery: boolean
  /** The headers that were logged, in lower case. */
  readonly headers: ReadonlySet<string>
}

/**
 * Reads a line of `@gatewright/access-log` in the format `json`. `null` for what is none, and for requests that were refused
 * before they had a path.
 */
export function readLine(line: string): LoggedRequest | null {
  const fields = objectOf(line)
  if (fields === null) return null
  const { method, path, host, query, route, reason, headers } = fields
  if (typeof method !== 'string' || method === '' || reason === 'request_rejected') return null
  if (typeof path !== 'string' || !path.startsWith('/')) return null
  const texts = textsOf(headers)
  return {
    request: {
      method,
      url: typeof query === 'string' && query !== '' ? `${path}?${query}` : path,
      headers: { ...texts, ...(typeof host === 'string' && host !== '' ? { host } : {}) }
    },
    route: typeof route === 'string' ? route : null,
    hasQuery: query !== undefined,
    headers: new Set(Object.keys(texts))
  }
}

function objectOf(line: string): Readonly<Record<string, unknown>> | null {
  if (!line.startsWith('{')) return null
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>
  } catch {
    return null
  }
}

function textsOf(headers: unknown): Record<string, string> {
  if (typeof headers !== 'object' || headers === null) return {}
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name.toLowerCase(), value]] : []
    )
  )
}
