import type { Exchange, RouteHandler } from '@gatewright/gateway'

/** The app that a handler runs in: `request.server`. */
type App = Parameters<RouteHandler>[0]['server']

/** A request of the gateway's own to a service. */
export interface Call {
  readonly pool: string
  readonly path: string
  /** Default GET; with a body POST. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** What the service has answered. */
export interface Answer {
  readonly status: number
  /** `null` where it is no JSON. */
  readonly json: unknown
}

/**
 * Asks a service through its pool: with its balancing, health and circuit breaker. Rejects with a GatewayError that has a
 * reason, such as `circuit_open` or `deadline_exceeded`, when there is no answer.
 */
export function call(app: App, exchange: Exchange, { pool, path, body, headers }: Call): Promise<Answer> {
  const sent = body === undefined ? null : Buffer.from(JSON.stringify(body))
  const fields = Object.entries({
    ...(sent === null ? {} : { 'content-type': 'application/json' }),
    accept: 'application/json',
    ...headers
  }).flat()
  return new Promise((resolve, reject) => {
    app.gateway.callPool(
      exchange,
      {
        pool: app.gateway.pool(pool),
        method: sent === null ? 'GET' : 'POST',
        path,
        headers: fields,
        body: sent,
        timeoutMs: 2_000,
        maxBytes: 1_048_576
      },
      (error, response) => {
        if (response === null) reject(error)
        else resolve({ status: response.status, json: parsed(response.body.toString()) })
      }
    )
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
